package onnxio

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TextOptions says how a model is written as text. The zero value writes everything.
type TextOptions struct {
	// MaxElements is the number of elements from which a tensor's are left out: ... stands for them,
	// and ParseText does not read the text. 0 writes all.
	MaxElements int
}

// Text returns the model in ONNX's text syntax. It is TextOptions{}.Text.
func Text(m *Model) string { return TextOptions{}.Text(m) }

// TextGraph returns a graph in ONNX's text syntax. It is TextOptions{}.TextGraph.
func TextGraph(g *Graph) string { return TextOptions{}.TextGraph(g) }

// Text returns the model in ONNX's text syntax, as onnx.printer writes it. ParseText reads it back.
//
// What the syntax has no place for is counted in a comment at the top: documentation and metadata
// other than the model's, training graphs, quantization annotations, device configurations. So is a
// tensor that is not valid, for which ... stands.
func (o TextOptions) Text(m *Model) string {
	p := &textPrinter{options: o, lost: map[string]int{}}
	if m != nil {
		p.model(m)
	}
	return p.result()
}

// TextGraph returns a graph in ONNX's text syntax. ParseTextGraph reads it back.
func (o TextOptions) TextGraph(g *Graph) string {
	p := &textPrinter{options: o, lost: map[string]int{}}
	p.graph(g)
	return p.result()
}

type textPrinter struct {
	strings.Builder
	options TextOptions
	depth   int // of graphs
	types   int // depth of types
	lost    map[string]int
}

func (p *textPrinter) result() string {
	if len(p.lost) == 0 {
		return p.String()
	}
	var b strings.Builder
	for _, what := range slices.Sorted(maps.Keys(p.lost)) {
		fmt.Fprintf(&b, "# not in this text: %s (%d)\n", what, p.lost[what])
	}
	return b.String() + p.String()
}

// loses counts something that the text cannot hold.
func (p *textPrinter) loses(what string, n int) {
	if n > 0 {
		p.lost[what] += n
	}
}

// losesRemarks counts the documentation, the metadata and the unknown fields of a message.
func (p *textPrinter) losesRemarks(what, doc string, metadata []*StringStringEntry, unknown []byte) {
	if doc != "" {
		p.loses("documentation of "+what, 1)
	}
	p.loses("metadata of "+what, len(metadata))
	if len(unknown) > 0 {
		p.loses("unknown fields of "+what, 1)
	}
}

func (p *textPrinter) quote(s string) {
	p.WriteByte('"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			p.WriteByte('\\')
		}
		p.WriteByte(s[i])
	}
	p.WriteByte('"')
}

// name writes an identifier, in quotes where it is none.
func (p *textPrinter) name(s string) {
	if s == "" || identifier(s) != s {
		p.quote(s)
	} else {
		p.WriteString(s)
	}
}

// firstName writes an identifier where a type or a number could stand, in quotes if it is like one.
func (p *textPrinter) firstName(s string) {
	if isTypeWord(s) || elementType(s) != tensor.Undefined || isFloatName(s) {
		p.quote(s)
	} else {
		p.name(s)
	}
}

// joined writes items between open and end.
func joined[T any](p *textPrinter, open, separator, end string, list []T, item func(T)) {
	p.WriteString(open)
	for i, x := range list {
		if i > 0 {
			p.WriteString(separator)
		}
		item(x)
	}
	p.WriteString(end)
}

func (p *textPrinter) integer(n int64)   { p.WriteString(strconv.FormatInt(n, 10)) }
func (p *textPrinter) unsigned(n uint64) { p.WriteString(strconv.FormatUint(n, 10)) }

// float writes the shortest number that reads back as f; of two as short ones that without exponent.
func (p *textPrinter) float(f float64, bits int) {
	switch {
	case f != f:
		if math.Signbit(f) {
			p.WriteByte('-')
		}
		p.WriteString("nan")
	case math.IsInf(f, 1):
		p.WriteString("inf")
	case math.IsInf(f, -1):
		p.WriteString("-inf")
	default:
		plain, exponent := strconv.FormatFloat(f, 'f', -1, bits), strconv.FormatFloat(f, 'e', -1, bits)
		if len(exponent) < len(plain) {
			plain = exponent
		}
		p.WriteString(plain)
	}
}

func (p *textPrinter) model(m *Model) {
	p.WriteString("<\n   ir_version: ")
	p.integer(m.IRVersion)
	p.WriteString(",\n   opset_import: ")
	p.opsets(m.OpsetImport, ", ")
	text := func(key, s string) {
		if s != "" {
			p.WriteString(",\n   " + key + ": ")
			p.quote(s)
		}
	}
	text("producer_name", m.ProducerName)
	text("producer_version", m.ProducerVersion)
	text("domain", m.Domain)
	if m.ModelVersion != 0 {
		p.WriteString(",\n   model_version: ")
		p.integer(m.ModelVersion)
	}
	text("doc_string", m.DocString)
	if len(m.MetadataProps) > 0 {
		p.WriteString(",\n   metadata_props: ")
		p.entries(m.MetadataProps)
	}
	p.WriteString("\n>\n")
	p.loses("training_info", len(m.TrainingInfo))
	p.loses("device configurations", len(m.Configuration))
	p.losesRemarks("the model", "", nil, m.unknown)
	p.graph(m.Graph)
	for _, f := range m.Functions {
		p.WriteByte('\n')
		p.function(f)
	}
}

func (p *textPrinter) opsets(list []*OperatorSetID, separator string) {
	joined(p, "[", separator, "]", list, func(o *OperatorSetID) {
		if o == nil {
			o = &OperatorSetID{}
		}
		p.quote(o.Domain)
		p.WriteString(" : ")
		p.integer(o.Version)
	})
}

func (p *textPrinter) entries(list []*StringStringEntry) {
	joined(p, "[", ", ", "]", list, func(e *StringStringEntry) {
		if e == nil {
			e = &StringStringEntry{}
		}
		p.quote(e.Key)
		p.WriteString(": ")
		p.quote(e.Value)
	})
}

func (p *textPrinter) function(f *Function) {
	if f == nil {
		p.loses("a function that is nil", 1)
		return
	}
	p.WriteString("<\n  domain: ")
	p.quote(f.Domain)
	if f.Overload != "" {
		p.WriteString(",\n  overload: ")
		p.quote(f.Overload)
	}
	p.WriteString(",\n  opset_import: ")
	p.opsets(f.OpsetImport, ",")
	if f.DocString != "" {
		p.WriteString(",\n  doc_string: ")
		p.quote(f.DocString)
	}
	p.WriteString("\n>\n")
	p.losesRemarks("functions", "", f.MetadataProps, f.unknown)
	p.name(f.Name)
	p.WriteByte(' ')
	if len(f.Attribute)+len(f.AttributeProto) > 0 {
		joined(p, "<", ",", "", f.Attribute, p.name)
		if len(f.Attribute) > 0 && len(f.AttributeProto) > 0 {
			p.WriteByte(',')
		}
		joined(p, "", ",", ">", f.AttributeProto, p.attribute)
	}
	joined(p, "(", ", ", ")", f.Input, p.firstName)
	p.WriteString(" => ")
	joined(p, "(", ", ", ")", f.Output, p.firstName)
	p.WriteByte('\n')
	if len(f.ValueInfo) > 0 {
		joined(p, "<", ", ", ">\n", f.ValueInfo, p.valueInfo)
	}
	p.depth++
	p.nodes(f.Node)
	p.depth--
}

func (p *textPrinter) indent() {
	for range p.depth {
		p.WriteString("   ")
	}
}

func (p *textPrinter) graph(g *Graph) {
	if g == nil {
		p.loses("a graph that is nil", 1)
		return
	}
	if p.depth > maxNesting {
		p.loses("graphs that are nested too deeply", 1)
		return
	}
	p.depth++
	p.losesRemarks("graphs", g.DocString, g.MetadataProps, g.unknown)
	p.loses("quantization annotations", len(g.QuantizationAnnotation))
	p.firstName(g.Name)
	p.WriteByte(' ')
	joined(p, "(", ", ", ")", g.Input, p.valueInfo)
	p.WriteString(" => ")
	joined(p, "(", ", ", ")", g.Output, p.valueInfo)
	p.WriteByte(' ')
	if len(g.Initializer)+len(g.SparseInitializer)+len(g.ValueInfo) > 0 {
		p.WriteByte('\n')
		p.indent()
		p.initializers(g)
		p.WriteByte('\n')
	}
	p.nodes(g.Node)
	p.depth--
}

func (p *textPrinter) initializers(g *Graph) {
	separator := "<"
	next := func() { p.WriteString(separator); separator = ", " }
	for _, t := range g.Initializer {
		next()
		p.tensor(t, true)
	}
	for _, s := range g.SparseInitializer {
		next()
		p.sparse(s, true)
	}
	for _, v := range g.ValueInfo {
		next()
		p.valueInfo(v)
	}
	p.WriteByte('>')
}

func (p *textPrinter) nodes(list []*Node) {
	p.WriteString("{\n")
	for _, n := range list {
		if n == nil {
			p.loses("a node that is nil", 1)
			continue
		}
		p.indent()
		p.node(n)
		p.WriteByte('\n')
	}
	p.depth--
	p.indent()
	p.depth++
	p.WriteByte('}')
}

func (p *textPrinter) node(n *Node) {
	p.losesRemarks("nodes", n.DocString, n.MetadataProps, n.unknown)
	p.loses("device configurations of nodes", len(n.DeviceConfigurations))
	if n.Name != "" {
		p.WriteByte('[')
		p.name(n.Name)
		p.WriteString("] ")
	}
	joined(p, "", ", ", "", n.Output, p.name)
	p.WriteString(" = ")
	if n.Domain != "" {
		joined(p, "", ".", ".", strings.Split(n.Domain, "."), p.name)
	}
	p.name(n.OpType)
	if n.Overload != "" {
		p.WriteByte(':')
		p.name(n.Overload)
	}
	graphs := false
	for _, a := range n.Attribute {
		graphs = graphs || a != nil && (a.G != nil || len(a.Graphs) > 0)
	}
	if len(n.Attribute) > 0 && !graphs {
		joined(p, " <", ", ", ">", n.Attribute, p.attribute)
	}
	joined(p, " (", ", ", ")", n.Input, p.name)
	if graphs {
		joined(p, " <", ", ", ">", n.Attribute, p.attribute)
	}
}
