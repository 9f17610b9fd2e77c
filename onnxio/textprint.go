package onnxio

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Text returns a model in ONNX's text form, which [ParseText] reads. The form has no place for the doc
// strings of anything but the model and functions, for metadata below the model, for sparse initializers,
// quantization annotations, training graphs and device configurations: those that matter to what the
// model computes, sparse initializers and training graphs, are an error.
func Text(m *Model) (string, error) {
	w := &printer{}
	w.model(m)
	return w.b.String(), w.err
}

// TextGraph returns a graph in ONNX's text form.
func TextGraph(g *Graph) (string, error) {
	w := &printer{}
	w.graph(g, "")
	return w.b.String(), w.err
}

type printer struct {
	b     strings.Builder
	depth int
	err   error
}

func (w *printer) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("%w in text form: %s", ErrUnsupported, fmt.Sprintf(format, args...))
	}
}

func (w *printer) write(parts ...string) {
	for _, s := range parts {
		w.b.WriteString(s)
	}
}

// join writes items with commas between them.
func join[T any](w *printer, items []T, write func(T)) {
	for i, x := range items {
		if i > 0 {
			w.write(", ")
		}
		write(x)
	}
}

func (w *printer) model(m *Model) {
	if len(m.TrainingInfo) > 0 {
		w.fail("training graphs")
	}
	w.write("<\n   ir_version: ", strconv.FormatInt(m.IRVersion, 10), ",\n   opset_import: ")
	w.opsets(m.OpsetImport)
	for _, p := range []struct{ key, value string }{
		{"producer_name", m.ProducerName}, {"producer_version", m.ProducerVersion}, {"domain", m.Domain},
	} {
		if p.value != "" {
			w.write(",\n   ", p.key, ": ", quote(p.value))
		}
	}
	if m.ModelVersion != 0 {
		w.write(",\n   model_version: ", strconv.FormatInt(m.ModelVersion, 10))
	}
	if m.DocString != "" {
		w.write(",\n   doc_string: ", quote(m.DocString))
	}
	if len(m.MetadataProps) > 0 {
		w.write(",\n   metadata_props: ")
		w.pairs(m.MetadataProps)
	}
	w.write("\n>\n")
	if m.Graph == nil {
		w.fail("a model without a graph")
		return
	}
	w.graph(m.Graph, "")
	w.write("\n")
	for _, f := range m.Functions {
		w.function(f)
	}
}

// quote writes a string; a backslash and a quote get a backslash before them.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// ident writes a name, quoted where it is no identifier.
func ident(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || !isLetter(c) && (i == 0 || !isDigit(c)) {
			return quote(s)
		}
	}
	// Words that begin a type or a number would be read as such.
	if _, isType := elemTypes[s]; s == "" || isType || isWordOf(s, "inf", "nan", "infinity") {
		return quote(s)
	}
	switch s {
	case "seq", "map", "optional", "sparse_tensor":
		return quote(s)
	}
	return s
}

func (w *printer) opsets(list []*OperatorSetID) {
	w.write("[")
	join(w, list, func(o *OperatorSetID) { w.write(quote(o.Domain), " : ", strconv.FormatInt(o.Version, 10)) })
	w.write("]")
}

func (w *printer) pairs(list []*StringStringEntry) {
	w.write("[")
	join(w, list, func(e *StringStringEntry) { w.write(quote(e.Key), ": ", quote(e.Value)) })
	w.write("]")
}

func (w *printer) graph(g *Graph, indent string) {
	if w.depth++; w.depth > maxTextDepth {
		w.fail("graphs nested more than %d deep", maxTextDepth)
		return
	}
	if len(g.SparseInitializer) > 0 {
		w.fail("sparse initializers")
	}
	w.write(ident(g.Name), " (")
	join(w, g.Input, w.valueInfo)
	w.write(") => (")
	join(w, g.Output, w.valueInfo)
	w.write(")")
	if len(g.Initializer)+len(g.ValueInfo) > 0 {
		w.write("\n", indent, "   <")
		join(w, g.Initializer, func(t *Tensor) {
			w.tensorType(t)
			w.write(" ", ident(t.Name), " = ")
			w.elements(t)
		})
		if len(g.Initializer) > 0 && len(g.ValueInfo) > 0 {
			w.write(", ")
		}
		join(w, g.ValueInfo, w.valueInfo)
		w.write(">")
	}
	w.nodes(g.Node, indent)
	w.depth--
}

func (w *printer) nodes(nodes []*Node, indent string) {
	w.write("\n", indent, "{\n")
	for _, n := range nodes {
		w.node(n, indent+"   ")
	}
	w.write(indent, "}")
}

func (w *printer) node(n *Node, indent string) {
	w.write(indent)
	if n.Name != "" {
		w.write("[", ident(n.Name), "] ")
	}
	join(w, n.Output, func(s string) { w.write(ident(s)) })
	w.write(" = ")
	if n.Domain != "" {
		for _, part := range strings.Split(n.Domain, ".") {
			w.write(ident(part), ".")
		}
	}
	w.write(ident(n.OpType))
	if n.Overload != "" {
		w.write(":", ident(n.Overload))
	}
	if len(n.Attribute) > 0 {
		w.write(" <")
		join(w, n.Attribute, func(a *Attribute) { w.attribute(a, indent) })
		w.write(">")
	}
	w.write(" (")
	join(w, n.Input, func(s string) { w.write(ident(s)) })
	w.write(")\n")
}

func (w *printer) valueInfo(v *ValueInfo) {
	if v.Type != nil {
		w.typ(v.Type)
		w.write(" ")
	}
	w.write(ident(v.Name))
}

func (w *printer) typ(t *Type) {
	if w.depth++; w.depth > maxTextDepth {
		w.fail("types nested more than %d deep", maxTextDepth)
		return
	}
	defer func() { w.depth-- }()
	inside := func(kind string, x *Type) {
		w.write(kind, "(")
		if x == nil {
			w.fail("a %s of nothing", kind)
		} else {
			w.typ(x)
		}
		w.write(")")
	}
	switch {
	case t.TensorType != nil:
		w.elemShape(t.TensorType.DType(), t.TensorType.Shape)
	case t.SparseTensorType != nil:
		w.write("sparse_tensor(")
		w.elemShape(t.SparseTensorType.DType(), t.SparseTensorType.Shape)
		w.write(")")
	case t.SequenceType != nil:
		inside("seq", t.SequenceType.ElemType)
	case t.OptionalType != nil:
		inside("optional", t.OptionalType.ElemType)
	case t.MapType != nil:
		w.write("map(", dtypeOf(t.MapType.KeyType).ONNX(), ", ")
		if t.MapType.ValueType == nil {
			w.fail("a map to nothing")
		} else {
			w.typ(t.MapType.ValueType)
		}
		w.write(")")
	default:
		w.fail("an opaque or empty type")
	}
}

func (w *printer) elemShape(d tensor.DType, s *TensorShape) {
	if d == tensor.Undefined {
		w.fail("an element type that does not exist")
	}
	w.write(d.ONNX())
	switch {
	case s == nil:
		w.write("[]")
	case len(s.Dim) > 0:
		w.write("[")
		for i, dim := range s.Dim {
			if i > 0 {
				w.write(",")
			}
			if n, ok := dim.Value(); ok {
				w.write(strconv.FormatInt(n, 10))
			} else if dim.Param() != "" {
				w.write(ident(dim.Param()))
			} else {
				w.write("?")
			}
		}
		w.write("]")
	}
}

func (w *printer) tensorType(t *Tensor) {
	s := &TensorShape{}
	for _, d := range t.Dims {
		s.Dim = append(s.Dim, FixedDim(d))
	}
	w.elemShape(t.DType(), s)
}

func (w *printer) function(f *Function) {
	w.write("<\n  domain: ", quote(f.Domain))
	if f.Overload != "" {
		w.write(",\n  overload: ", quote(f.Overload))
	}
	w.write(",\n  opset_import: ")
	w.opsets(f.OpsetImport)
	if f.DocString != "" {
		w.write(",\n  doc_string: ", quote(f.DocString))
	}
	w.write("\n>\n", ident(f.Name))
	if len(f.Attribute)+len(f.AttributeProto) > 0 {
		w.write(" <")
		join(w, f.Attribute, func(s string) { w.write(ident(s)) })
		if len(f.Attribute) > 0 && len(f.AttributeProto) > 0 {
			w.write(", ")
		}
		join(w, f.AttributeProto, func(a *Attribute) { w.attribute(a, "") })
		w.write(">")
	}
	types := map[string]*ValueInfo{}
	for _, v := range f.ValueInfo {
		types[v.Name] = v
	}
	value := func(s string) {
		if v := types[s]; v != nil {
			w.valueInfo(v)
			delete(types, s)
			return
		}
		w.write(ident(s))
	}
	w.write(" (")
	join(w, f.Input, value)
	w.write(") => (")
	join(w, f.Output, value)
	w.write(")")
	if len(types) > 0 {
		w.write(" <")
		first := true
		for _, v := range f.ValueInfo {
			if types[v.Name] == nil {
				continue
			}
			if !first {
				w.write(", ")
			}
			first = false
			w.valueInfo(v)
		}
		w.write(">")
	}
	w.nodes(f.Node, "")
	w.write("\n")
}

// floatText writes a number so that reading it gives the same bits, NaN's payload aside.
func floatText(v float64, bits int) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	return strconv.FormatFloat(v, 'g', -1, bits)
}
