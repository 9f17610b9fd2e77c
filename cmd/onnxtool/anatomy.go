package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// anatomy is what inspect finds out about a model.
type anatomy struct {
	Model      string            `json:"model"`
	FileBytes  int64             `json:"file_bytes"`
	Producer   string            `json:"producer"`
	Domain     string            `json:"domain,omitempty"`
	Version    int64             `json:"model_version"`
	IR         int64             `json:"ir_version"`
	Opsets     map[string]int64  `json:"opsets"`
	Graph      string            `json:"graph"`
	Doc        string            `json:"doc,omitempty"`
	Metadata   map[string]string `json:"metadata"`
	Inputs     []valueRow        `json:"inputs"`
	Outputs    []valueRow        `json:"outputs"`
	Nodes      []nodeRow         `json:"nodes"`
	Functions  []string          `json:"functions"`
	Parameters int64             `json:"parameters"` // elements of all initializers
	Bytes      int64             `json:"parameter_bytes"`
	MACs       int64             `json:"macs"` // open dimensions count as 1
	// Inferred says that types and shapes between nodes are known by inference; else only those that the
	// document declares are, and Note says why.
	Inferred bool   `json:"inferred"`
	Note     string `json:"note,omitempty"`

	values    map[string]infer.ValueInfo
	constants map[string]*onnxio.Tensor
	kinds     map[string]string // types of values that are no tensors
}

// valueRow is a value with its type and shape.
type valueRow struct {
	Name  string   `json:"name"`
	DType string   `json:"dtype"`
	Shape []string `json:"shape"` // null where the rank is not known
	text  string
}

// nodeRow is a node.
type nodeRow struct {
	Index      int        `json:"index"`
	Name       string     `json:"name"`
	Op         string     `json:"op"`
	Domain     string     `json:"domain"`
	Inputs     []string   `json:"inputs"`
	Outputs    []valueRow `json:"outputs"`
	Attributes []string   `json:"attributes"`
	Parameters int64      `json:"parameters"`
	Bytes      int64      `json:"parameter_bytes"`
	MACs       int64      `json:"macs"`
	Inner      int        `json:"inner_nodes"` // in its subgraphs
}

// dissect gathers what inspect shows.
func dissect(path string, m *onnxio.Model) (*anatomy, error) {
	if m.Graph == nil {
		return nil, fmt.Errorf("%s: the model has no graph", path)
	}
	a := &anatomy{
		Model: path, Producer: strings.TrimSpace(m.ProducerName + " " + m.ProducerVersion), Domain: m.Domain, Version: m.ModelVersion, IR: m.IRVersion,
		Opsets: map[string]int64{}, Graph: m.Graph.Name, Doc: firstOf(m.DocString, m.Graph.DocString), Metadata: map[string]string{},
		Inputs: []valueRow{}, Outputs: []valueRow{}, Nodes: []nodeRow{}, Functions: []string{}, constants: map[string]*onnxio.Tensor{},
	}
	if info, err := os.Stat(path); err == nil {
		a.FileBytes = info.Size()
	}
	for _, o := range m.OpsetImport {
		if o != nil {
			a.Opsets[firstOf(onnxio.NormalDomain(o.Domain), "ai.onnx")] = o.Version
		}
	}
	for _, p := range m.MetadataProps {
		if p != nil {
			a.Metadata[p.Key] = p.Value
		}
	}
	for _, f := range m.Functions {
		if f != nil {
			a.Functions = append(a.Functions, strings.TrimPrefix(f.Domain+"."+f.Name, "."))
		}
	}
	a.learnTypes(m)
	a.learnConstants(m.Graph)
	for _, v := range m.Graph.Input {
		if v != nil && a.constants[v.Name] == nil {
			a.Inputs = append(a.Inputs, a.row(v.Name))
		}
	}
	for _, v := range m.Graph.Output {
		if v != nil {
			a.Outputs = append(a.Outputs, a.row(v.Name))
		}
	}
	a.addNodes(m.Graph)
	return a, nil
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// learnTypes finds types and shapes: by inference where the model can be run, else as declared.
func (a *anatomy) learnTypes(m *onnxio.Model) {
	a.values, a.kinds = map[string]infer.ValueInfo{}, map[string]string{}
	for _, list := range [][]*onnxio.ValueInfo{m.Graph.ValueInfo, m.Graph.Input, m.Graph.Output} {
		for _, v := range list {
			if v != nil {
				a.values[v.Name] = declaredInfo(v)
				if v.Type != nil && v.Type.TensorType == nil {
					a.kinds[v.Name] = typeText(v.Type, 0)
				}
			}
		}
	}
	var names []string
	seen := map[string]bool{"": true}
	for _, n := range m.Graph.Node {
		if n == nil {
			continue
		}
		for _, name := range n.Output {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	s, err := infer.New(m, infer.Options{Threads: 1, Plain: true, Outputs: names})
	if err != nil {
		a.Note = strings.Join(strings.Fields(flatten(err)[0].Error()), " ")
		return
	}
	defer s.Close()
	a.Inferred = true
	for _, v := range s.Outputs() {
		a.values[v.Name] = v
	}
}

func declaredInfo(v *onnxio.ValueInfo) infer.ValueInfo {
	info := infer.ValueInfo{Name: v.Name}
	if v.Type == nil || v.Type.TensorType == nil {
		return info
	}
	info.DType = v.Type.TensorType.DType()
	if v.Type.TensorType.Shape == nil {
		return info
	}
	info.Ranked = true
	for _, d := range v.Type.TensorType.Shape.Dim {
		dim := infer.Dim{Size: -1}
		if d != nil {
			if n, ok := d.Value(); ok && n >= 0 {
				dim.Size = int(n)
			}
			dim.Name = d.Param()
		}
		info.Shape = append(info.Shape, dim)
	}
	return info
}

// typeText writes a type: f32[n,3], seq(f32[n]), map(i64,f32[]), optional(...). depth ends types that are
// nested without end.
func typeText(t *onnxio.Type, depth int) string {
	switch {
	case t == nil || depth > 8:
		return "?"
	case t.TensorType != nil:
		return declaredInfo(&onnxio.ValueInfo{Type: t}).String()
	case t.SequenceType != nil:
		return "seq(" + typeText(t.SequenceType.ElemType, depth+1) + ")"
	case t.MapType != nil:
		return "map(" + tensor.DType(t.MapType.KeyType).String() + "," + typeText(t.MapType.ValueType, depth+1) + ")"
	case t.OptionalType != nil:
		return "optional(" + typeText(t.OptionalType.ElemType, depth+1) + ")"
	case t.SparseTensorType != nil:
		return "sparse " + t.SparseTensorType.DType().String()
	case t.OpaqueType != nil:
		return "opaque(" + t.OpaqueType.Domain + "." + t.OpaqueType.Name + ")"
	}
	return "?"
}

// learnConstants counts a graph's initializers, those of its subgraphs included.
func (a *anatomy) learnConstants(g *onnxio.Graph) {
	for _, t := range g.Initializer {
		if t == nil {
			continue
		}
		a.constants[t.Name] = t
		n, size := tensorSize(t)
		a.Parameters += n
		a.Bytes += size
	}
	eachSubgraph(g, a.learnConstants)
}

// tensorSize returns a stored tensor's elements and bytes, 0 where its dimensions make no sense.
func tensorSize(t *onnxio.Tensor) (elements, size int64) {
	shape, err := t.Shape()
	if err != nil {
		return 0, 0
	}
	n := shape.Len()
	if size = int64(onnxio.RawSize(t.DType(), n)); size == 0 {
		for _, s := range t.StringData {
			size += int64(len(s))
		}
	}
	return int64(n), size
}

func eachSubgraph(g *onnxio.Graph, f func(*onnxio.Graph)) {
	for _, n := range g.Node {
		if n == nil {
			continue
		}
		for _, at := range n.Attribute {
			if at == nil {
				continue
			}
			for _, sub := range append([]*onnxio.Graph{at.G}, at.Graphs...) {
				if sub != nil {
					f(sub)
				}
			}
		}
	}
}

func (a *anatomy) row(name string) valueRow {
	v, ok := a.values[name]
	r := valueRow{Name: name, DType: v.DType.String(), text: v.String()}
	if text := a.kinds[name]; text != "" {
		r.DType, r.text = text, text
		return r
	}
	if t := a.constants[name]; !ok && t != nil {
		r.DType, r.Shape = t.DType().String(), []string{}
		for _, d := range t.Dims {
			r.Shape = append(r.Shape, fmt.Sprint(d))
		}
		r.text = r.DType + "[" + strings.Join(r.Shape, ",") + "]"
		return r
	}
	if v.Ranked {
		r.Shape = []string{}
		for _, d := range v.Shape {
			r.Shape = append(r.Shape, d.String())
		}
	}
	return r
}

func (a *anatomy) addNodes(g *onnxio.Graph) {
	counted := map[string]bool{}
	for i, n := range g.Node {
		if n == nil {
			continue
		}
		r := nodeRow{Index: i, Name: n.Name, Op: n.OpType, Domain: onnxio.NormalDomain(n.Domain), Inputs: append([]string{}, n.Input...),
			Outputs: []valueRow{}, Attributes: []string{}, MACs: a.macs(n)}
		for _, name := range n.Output {
			if name != "" {
				r.Outputs = append(r.Outputs, a.row(name))
			}
		}
		for _, at := range n.Attribute {
			if at != nil {
				r.Attributes = append(r.Attributes, attributeText(at))
			}
		}
		for _, name := range n.Input {
			if t := a.constants[name]; t != nil && !counted[name] {
				counted[name] = true // a shared weight counts where it is used first
				elements, size := tensorSize(t)
				r.Parameters += elements
				r.Bytes += size
			}
		}
		one := &onnxio.Graph{Node: []*onnxio.Node{n}}
		var count func(*onnxio.Graph)
		count = func(sub *onnxio.Graph) {
			r.Inner += len(sub.Node)
			eachSubgraph(sub, count)
		}
		eachSubgraph(one, count)
		a.MACs += r.MACs
		a.Nodes = append(a.Nodes, r)
	}
}

// attributeText returns an attribute as name=value, long values cut.
func attributeText(at *onnxio.Attribute) string {
	v, err := at.Value()
	if err != nil {
		return at.Name + "=?"
	}
	text := ""
	switch v := v.(type) {
	case *onnxio.Tensor:
		text = fmt.Sprintf("%v%v", v.DType(), v.Dims)
		if x, err := v.Value(); err == nil && x.Len() <= 8 {
			for i := range x.Len() {
				text += " " + elementText(x, i)
			}
		}
	case *onnxio.Graph:
		text = "graph of " + plural(len(v.Node), "node")
	case string:
		text = fmt.Sprintf("%q", v)
	case []string:
		text = fmt.Sprintf("%q", v)
	case []*onnxio.Tensor, []*onnxio.Graph, []*onnxio.SparseTensor, *onnxio.SparseTensor, []*onnxio.Type, *onnxio.Type:
		text = at.Kind().String()
	default:
		text = fmt.Sprint(v)
	}
	if r := []rune(text); len(r) > 120 {
		text = string(r[:117]) + "..."
	}
	return at.Name + "=" + text
}
