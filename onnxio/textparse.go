package onnxio

import (
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ParseText reads a model in ONNX's text form, as onnx.printer writes it. An error tells line and column.
// Beside what ONNX's own parser takes it reads complex numbers, written as real and imaginary part.
func ParseText(text string) (*Model, error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	m := &Model{}
	p.model(m)
	p.end()
	return m, p.err
}

// ParseTextGraph reads a graph in ONNX's text form: name (inputs) => (outputs) <initializers> { nodes }.
func ParseTextGraph(text string) (*Graph, error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	g := p.graph()
	p.end()
	return g, p.err
}

// maxTextDepth bounds graphs and types inside one another.
const maxTextDepth = 100

// parser reads tokens with one of lookahead. The first error stays, and nothing is read after it.
type parser struct {
	s     scanner
	tok   token
	depth int
	err   error
}

func newParser(text string) (*parser, error) {
	p := &parser{s: scanner{src: text}}
	p.advance()
	return p, p.err
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = p.s.errorf(p.tok.at, format, args...)
		p.tok = token{kind: endToken, at: p.tok.at}
	}
}

func (p *parser) advance() {
	if p.err != nil {
		return
	}
	t, err := p.s.next()
	if err != nil {
		p.err, t = err, token{kind: endToken, at: len(p.s.src)}
	}
	p.tok = t
}

func (p *parser) is(punct string) bool { return p.tok.kind == punctToken && p.tok.text == punct }

// accept passes a punctuation mark if it is next.
func (p *parser) accept(punct string) bool {
	if !p.is(punct) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(punct string) {
	if !p.accept(punct) {
		p.fail("expected '%s', found %s", punct, p.tok.describe())
	}
}

func (p *parser) end() {
	if p.err == nil && p.tok.kind != endToken {
		p.fail("expected the end of the text, found %s", p.tok.describe())
	}
}

// name reads an identifier, or a quoted one; a quoted one may be empty.
func (p *parser) name() string {
	if p.tok.kind != nameToken && p.tok.kind != stringToken {
		p.fail("expected a name, found %s", p.tok.describe())
		return ""
	}
	text := p.tok.text
	p.advance()
	return text
}

func (p *parser) str() string {
	if p.tok.kind != stringToken {
		p.fail("expected a string, found %s", p.tok.describe())
		return ""
	}
	text := p.tok.text
	p.advance()
	return text
}

func (p *parser) integer() int64 {
	v, err := strconv.ParseInt(p.tok.text, 10, 64)
	if p.tok.kind != numberToken || err != nil {
		p.fail("expected an integer, found %s", p.tok.describe())
		return 0
	}
	p.advance()
	return v
}

// list calls item for each of the comma-separated items up to the closing mark, which it passes.
func (p *parser) list(closing string, item func()) {
	if p.accept(closing) {
		return
	}
	for p.err == nil {
		item()
		if !p.accept(",") {
			break
		}
	}
	p.expect(closing)
}

func (p *parser) pairs() []*StringStringEntry {
	var out []*StringStringEntry
	p.expect("[")
	p.list("]", func() {
		k := p.str()
		p.expect(":")
		out = append(out, &StringStringEntry{Key: k, Value: p.str()})
	})
	return out
}

func (p *parser) opsets() []*OperatorSetID {
	var out []*OperatorSetID
	p.expect("[")
	p.list("]", func() {
		d := p.str()
		p.expect(":")
		out = append(out, &OperatorSetID{Domain: d, Version: p.integer()})
	})
	return out
}

func (p *parser) model(m *Model) {
	p.expect("<")
	p.list(">", func() {
		key := p.name()
		p.expect(":")
		switch key {
		case "ir_version":
			m.IRVersion = p.integer()
		case "opset_import":
			m.OpsetImport = p.opsets()
		case "producer_name":
			m.ProducerName = p.str()
		case "producer_version":
			m.ProducerVersion = p.str()
		case "domain":
			m.Domain = p.str()
		case "model_version":
			m.ModelVersion = p.integer()
		case "doc_string":
			m.DocString = p.str()
		case "metadata_props":
			m.MetadataProps = p.pairs()
		default:
			p.fail("a model has no property %s", key)
		}
	})
	m.Graph = p.graph()
	for p.err == nil && p.tok.kind != endToken {
		m.Functions = append(m.Functions, p.function())
	}
}

func (p *parser) graph() *Graph {
	if p.depth++; p.depth > maxTextDepth {
		p.fail("graphs are nested too deeply")
		return nil
	}
	g := &Graph{Name: p.name()}
	p.expect("(")
	p.list(")", func() {
		v := p.valueInfo()
		g.Input = append(g.Input, v)
		p.initial(g, v)
	})
	p.expect("=>")
	p.expect("(")
	p.list(")", func() { g.Output = append(g.Output, p.valueInfo()) })
	if p.accept("<") {
		p.list(">", func() {
			v := p.valueInfo()
			if !p.initial(g, v) {
				g.ValueInfo = append(g.ValueInfo, v)
			}
		})
	}
	g.Node = p.nodes()
	p.depth--
	return g
}

// initial reads the value of an initializer, if one follows.
func (p *parser) initial(g *Graph, v *ValueInfo) bool {
	if !p.accept("=") {
		return false
	}
	if v.Type == nil || v.Type.TensorType == nil || v.Type.TensorType.Shape == nil {
		p.fail("initializer %s needs a tensor type with a shape", v.Name)
		return true
	}
	g.Initializer = append(g.Initializer, p.tensorData(v.Name, v.Type.TensorType))
	return true
}

// valueInfo reads type and name; the type may be left out in subgraphs and functions.
func (p *parser) valueInfo() *ValueInfo {
	if p.tok.kind == nameToken && p.isType() {
		t := p.typ()
		return &ValueInfo{Name: p.name(), Type: t}
	}
	return &ValueInfo{Name: p.name()}
}

// isType reports whether the name that is next begins a type.
func (p *parser) isType() bool {
	switch p.tok.text {
	case "seq", "map", "optional", "sparse_tensor":
		rest := scanner{src: p.s.src, pos: p.s.pos}
		t, err := rest.next()
		return err == nil && t.kind == punctToken && t.text == "("
	}
	if _, ok := elemTypes[p.tok.text]; !ok {
		return false
	}
	// A name of a type can be that of a value too: "float" alone. A type is followed by more.
	rest := scanner{src: p.s.src, pos: p.s.pos}
	t, err := rest.next()
	return err == nil && (t.kind == nameToken || t.kind == stringToken || t.kind == punctToken && t.text == "[")
}

// elemTypes are the element types by their names in the text form.
var elemTypes = func() map[string]tensor.DType {
	out := map[string]tensor.DType{}
	for d := tensor.Float32; d.Valid(); d++ {
		out[d.ONNX()] = d
	}
	return out
}()

// typ reads a type: float is a scalar, float[2,n,?] has a shape, float[] one of unknown rank.
func (p *parser) typ() *Type {
	if p.depth++; p.depth > maxTextDepth {
		p.fail("types are nested too deeply")
		return nil
	}
	defer func() { p.depth-- }()
	kind := p.name()
	inside := func() *Type {
		p.expect("(")
		t := p.typ()
		p.expect(")")
		return t
	}
	switch kind {
	case "seq":
		return &Type{SequenceType: &SequenceType{ElemType: inside()}}
	case "optional":
		return &Type{OptionalType: &OptionalType{ElemType: inside()}}
	case "sparse_tensor":
		t := inside()
		if t == nil || t.TensorType == nil {
			p.fail("a sparse tensor holds a tensor")
			return nil
		}
		return &Type{SparseTensorType: &SparseTensorType{ElemType: t.TensorType.ElemType, Shape: t.TensorType.Shape}}
	case "map":
		p.expect("(")
		key := p.elem(p.name())
		p.expect(",")
		t := &Type{MapType: &MapType{KeyType: int32(key), ValueType: p.typ()}}
		p.expect(")")
		return t
	}
	t := &TensorType{ElemType: int32(p.elem(kind)), Shape: &TensorShape{}}
	if p.accept("[") {
		if p.accept("]") {
			t.Shape = nil
			return &Type{TensorType: t}
		}
		p.list("]", func() { t.Shape.Dim = append(t.Shape.Dim, p.dim()) })
	}
	return &Type{TensorType: t}
}

func (p *parser) elem(name string) tensor.DType {
	d, ok := elemTypes[name]
	if !ok {
		p.fail("%s is no element type", strconv.Quote(name))
	}
	return d
}

func (p *parser) dim() *Dimension {
	switch {
	case p.accept("?"):
		return &Dimension{}
	case p.tok.kind == numberToken:
		return FixedDim(p.integer())
	}
	return NamedDim(p.name())
}

// nodes reads a list of nodes in braces.
func (p *parser) nodes() []*Node {
	var out []*Node
	p.expect("{")
	for p.err == nil && !p.accept("}") {
		out = append(out, p.node())
	}
	return out
}

// node reads [label] outputs = domain.Op:overload <attributes> (inputs) <attributes>.
func (p *parser) node() *Node {
	n := &Node{}
	if p.accept("[") {
		n.Name = p.name()
		p.expect("]")
	}
	if !p.is("=") {
		for p.err == nil {
			n.Output = append(n.Output, p.name())
			if !p.accept(",") {
				break
			}
		}
	}
	p.expect("=")
	n.Domain, n.OpType = p.qualified()
	if p.accept(":") {
		n.Overload = p.name()
	}
	if p.accept("<") {
		p.list(">", func() { n.Attribute = append(n.Attribute, p.attribute()) })
	}
	p.expect("(")
	p.list(")", func() { n.Input = append(n.Input, p.name()) })
	if p.accept("<") {
		p.list(">", func() { n.Attribute = append(n.Attribute, p.attribute()) })
	}
	return n
}

// qualified reads an operator with its domain before it: my.domain.Op.
func (p *parser) qualified() (domain, op string) {
	parts := []string{p.name()}
	for p.accept(".") {
		parts = append(parts, p.name())
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], "."), parts[last]
}

// function reads <domain, opset_import> name <attributes> (inputs) => (outputs) { nodes }.
func (p *parser) function() *Function {
	f := &Function{}
	p.expect("<")
	p.list(">", func() {
		key := p.name()
		p.expect(":")
		switch key {
		case "domain":
			f.Domain = p.str()
		case "overload":
			f.Overload = p.str()
		case "opset_import":
			f.OpsetImport = p.opsets()
		case "doc_string":
			f.DocString = p.str()
		case "metadata_props":
			f.MetadataProps = p.pairs()
		default:
			p.fail("a function has no property %s", key)
		}
	})
	f.Name = p.name()
	if p.accept("<") {
		p.list(">", func() {
			at := p.s
			tok := p.tok
			name := p.name()
			if p.is(":") || p.is("=") { // one with a default
				p.s, p.tok = at, tok
				f.AttributeProto = append(f.AttributeProto, p.attribute())
				return
			}
			f.Attribute = append(f.Attribute, name)
		})
	}
	p.expect("(")
	p.list(")", func() { f.Input = append(f.Input, p.functionValue(f)) })
	p.expect("=>")
	p.expect("(")
	p.list(")", func() { f.Output = append(f.Output, p.functionValue(f)) })
	if p.accept("<") {
		p.list(">", func() { p.functionValue(f) })
	}
	f.Node = p.nodes()
	return f
}

// functionValue reads a name with a type or without one, which the function keeps where it is given.
func (p *parser) functionValue(f *Function) string {
	v := p.valueInfo()
	if v.Type != nil {
		f.ValueInfo = append(f.ValueInfo, v)
	}
	return v.Name
}
