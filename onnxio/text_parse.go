package onnxio

import (
	"fmt"
	"math"
)

// ParseText reads a model in ONNX's text syntax. It is LoadOptions{}.ParseText.
func ParseText(text string) (*Model, error) { return LoadOptions{}.ParseText(text) }

// ParseTextGraph reads a graph in ONNX's text syntax: a model without the part in angle brackets and
// without functions. It is LoadOptions{}.ParseTextGraph.
func ParseTextGraph(text string) (*Graph, error) { return LoadOptions{}.ParseTextGraph(text) }

// ParseText reads a model in ONNX's text syntax, as in
//
//	<ir_version: 8, opset_import: ["" : 18]>
//	agraph (float[N, 128] X, float[128, 10] W) => (float[N, 10] Y)
//	<float[10] B = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}>
//	{
//	    T = MatMul (X, W)
//	    Y = Add (T, B)
//	}
//
// It reads what onnx.parser reads, with these differences: lists of tensors, graphs and types are
// kept, elements of 2 and 4 bits are packed as ONNX's files demand, a tensor has as many elements as
// its shape says, and sparse tensors can be written: sparse_tensor(float[9]) {float[2] {1, 2},
// int64[2] {3, 8}}, the values and their places. Floats of 16 bits and less are integers: their bits.
func (o LoadOptions) ParseText(text string) (*Model, error) {
	p := o.textParser(text)
	m := &Model{source: p.source}
	p.model(m)
	if p.err != nil {
		return nil, fmt.Errorf("parse model: %w", p.err)
	}
	return m, nil
}

// ParseTextGraph reads a graph in ONNX's text syntax: a model without the part in angle brackets and
// without functions.
func (o LoadOptions) ParseTextGraph(text string) (*Graph, error) {
	p := o.textParser(text)
	g := p.graph()
	if p.peek() != 0 {
		p.fail("expected the end, found %s", p.next())
	}
	if p.err != nil {
		return nil, fmt.Errorf("parse graph: %w", p.err)
	}
	return g, nil
}

func (o LoadOptions) textParser(text string) *textParser {
	d := o.decoder(&source{dir: o.Dir}, nil)
	p := &textParser{text: text, depth: d.depth, budget: d.budget, source: d.source}
	if o.MaxMemory == 0 {
		p.budget += 8 * len(text)
	}
	if o.MaxBytes > 0 && int64(len(text)) > o.MaxBytes {
		p.err = fmt.Errorf("%w: the text has %d bytes, LoadOptions.MaxBytes is %d", ErrLimit, len(text), o.MaxBytes)
	}
	return p
}

// header consumes a list of keys with values in angle brackets, if there is one.
func (p *textParser) header(value func(key string) bool) {
	if p.peek() != '<' {
		return
	}
	p.list('<', '>', func() {
		key := p.id()
		p.expect(':')
		if p.err == nil && !value(key) {
			p.fail("unknown key %q", key)
		}
	})
}

func (p *textParser) model(m *Model) {
	const anything, everything = math.MinInt64, math.MaxInt64
	p.header(func(key string) bool {
		switch key {
		case "ir_version":
			m.IRVersion = p.integer(anything, everything)
		case "model_version":
			m.ModelVersion = p.integer(anything, everything)
		case "opset_import":
			m.OpsetImport = p.opsets()
		case "producer_name":
			m.ProducerName = p.quoted()
		case "producer_version":
			m.ProducerVersion = p.quoted()
		case "domain":
			m.Domain = p.quoted()
		case "doc_string":
			m.DocString = p.quoted()
		case "metadata_props":
			m.MetadataProps = p.entries()
		default:
			return false
		}
		return true
	})
	m.Graph = p.graph()
	for p.peek() != 0 {
		m.Functions = append(m.Functions, p.function())
	}
	if p.err == nil && p.pos < len(p.text) {
		p.fail("a zero byte")
	}
}

func (p *textParser) opsets() (list []*OperatorSetID) {
	p.list('[', ']', func() {
		p.spend(sizeOperatorSetID)
		o := &OperatorSetID{Domain: p.quoted()}
		p.expect(':')
		o.Version = p.integer(math.MinInt64, math.MaxInt64)
		list = append(list, o)
	})
	return list
}

func (p *textParser) entries() (list []*StringStringEntry) {
	p.list('[', ']', func() {
		p.spend(sizeStringStringEntry)
		e := &StringStringEntry{Key: p.quoted()}
		p.expect(':')
		e.Value = p.quoted()
		list = append(list, e)
	})
	return list
}

func (p *textParser) function() *Function {
	p.spend(sizeFunction)
	f := &Function{}
	p.header(func(key string) bool {
		switch key {
		case "opset_import":
			f.OpsetImport = p.opsets()
		case "doc_string":
			f.DocString = p.quoted()
		case "domain":
			f.Domain = p.quoted()
		case "overload":
			f.Overload = p.quoted()
		default:
			return false
		}
		return true
	})
	f.Name = p.name()
	if p.peek() == '<' {
		p.list('<', '>', func() {
			name := p.name()
			if c := p.peek(); c == ':' || c == '=' {
				f.AttributeProto = append(f.AttributeProto, p.attribute(name))
			} else {
				f.Attribute = append(f.Attribute, name)
			}
		})
	}
	f.Input = p.parameters(f)
	p.arrow()
	f.Output = p.parameters(f)
	if p.peek() == '<' {
		p.list('<', '>', func() { f.ValueInfo = append(f.ValueInfo, p.valueInfo()) })
	}
	f.Node = p.nodes()
	return f
}

// parameters consumes a function's inputs or outputs. The types that some have go to its ValueInfo.
func (p *textParser) parameters(f *Function) (names []string) {
	p.list('(', ')', func() {
		v := p.valueInfo()
		names = append(names, v.Name)
		if v.Type != nil {
			f.ValueInfo = append(f.ValueInfo, v)
		}
	})
	return names
}

func (p *textParser) graph() *Graph {
	p.enter()
	defer p.leave()
	p.spend(sizeGraph)
	g := &Graph{Name: p.name()}
	p.list('(', ')', func() {
		v := p.valueInfo()
		g.Input = append(g.Input, v)
		if p.match('=') {
			p.initializer(g, v)
		}
	})
	p.arrow()
	p.list('(', ')', func() { g.Output = append(g.Output, p.valueInfo()) })
	if p.peek() == '<' {
		p.list('<', '>', func() {
			v := p.valueInfo()
			if p.match('=') {
				p.initializer(g, v)
			} else {
				g.ValueInfo = append(g.ValueInfo, v)
			}
		})
	}
	g.Node = p.nodes()
	return g
}

// initializer consumes the value of an initializer whose type and name are given.
func (p *textParser) initializer(g *Graph, v *ValueInfo) {
	switch {
	case p.err != nil:
	case v.Type == nil:
		p.fail("%q has a value, but no type", v.Name)
	case v.Type.SparseTensorType != nil:
		s := p.sparse(v.Type.SparseTensorType)
		if s.Values != nil {
			s.Values.Name = v.Name
		}
		g.SparseInitializer = append(g.SparseInitializer, s)
	default:
		t := p.tensor(v.Type)
		t.Name = v.Name
		g.Initializer = append(g.Initializer, t)
	}
}

func (p *textParser) nodes() (list []*Node) {
	p.expect('{')
	for p.err == nil && !p.match('}') {
		list = append(list, p.node())
	}
	return list
}

func (p *textParser) node() *Node {
	p.spend(sizeNode)
	n := &Node{}
	if p.match('[') {
		if p.startsName() {
			n.Name = p.name()
		}
		p.expect(']')
	}
	n.Output = p.names()
	p.expect('=')
	n.OpType = p.name()
	for first := true; p.match('.'); first = false {
		if !first {
			n.Domain += "."
		}
		n.Domain += n.OpType
		p.spend(len(n.Domain))
		n.OpType = p.name()
	}
	if p.match(':') {
		n.Overload = p.name()
	}
	n.Attribute = p.attributes()
	p.expect('(')
	n.Input = p.names()
	p.expect(')')
	if n.Attribute == nil {
		n.Attribute = p.attributes()
	}
	return n
}

// names consumes names separated by commas. A comma with nothing before it, or nothing after it but
// another comma, stands for an empty name; one at the end does not count.
func (p *textParser) names() (list []string) {
	for p.err == nil {
		name := ""
		if p.startsName() {
			name = p.name()
		} else if p.peek() != ',' {
			break
		}
		p.spend(16)
		list = append(list, name)
		if !p.match(',') {
			break
		}
	}
	return list
}

func (p *textParser) attributes() (list []*Attribute) {
	if p.peek() == '<' {
		list = []*Attribute{}
		p.list('<', '>', func() { list = append(list, p.attribute(p.name())) })
	}
	return list
}
