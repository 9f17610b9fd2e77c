package lower

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// RaiseOptions say how a graph becomes a document.
type RaiseOptions struct {
	// Opset is the version of ai.onnx to write; 0 is DefaultOpset, or what the operators need at least.
	// [Older] prepares a graph for an opset that lacks some.
	Opset int
	// Data gives the content of states where it is not their initial one.
	Data     func(*ir.Value) tensor.Any
	Producer string
	Version  string
}

// DefaultOpset is written where nothing newer is needed: onnxruntime has it since 1.14, of 2023.
const DefaultOpset = 18

// irVersions maps the first opset of an IR version to it.
var irVersions = []struct{ opset, ir int }{{28, 14}, {25, 13}, {24, 12}, {23, 11}, {21, 10}, {19, 9}, {15, 8}, {13, 7}, {10, 6}, {9, 4}, {1, 3}}

// IRVersion returns the IR version that goes with an opset of ai.onnx.
func IRVersion(opset int) int64 {
	for _, v := range irVersions {
		if opset >= v.opset {
			return int64(v.ir)
		}
	}
	return 3
}

// Raise writes a graph as a document. Constants and states become initializers.
func Raise(g *ir.Graph, set *op.Set, opt RaiseOptions) (*onnxio.Model, error) {
	opset := opt.Opset
	if opset == 0 {
		opset = DefaultOpset
	}
	domains := map[string]int{"": opset}
	if err := opsets(g, set, domains); err != nil {
		return nil, err
	}
	if opt.Opset != 0 && domains[""] > opt.Opset {
		return nil, tooOld(g, set, opt.Opset)
	}
	opset = domains[""]
	doc := &onnxio.Graph{Name: g.Name}
	if doc.Name == "" {
		doc.Name = "graph"
	}
	r := raising{main: doc, set: set, opset: opset, opt: opt, names: map[*ir.Value]string{}, data: map[tensor.Any]string{}}
	if err := r.graph(g, doc); err != nil {
		return nil, err
	}
	apart(doc, opset)
	m := &onnxio.Model{IRVersion: IRVersion(opset), ProducerName: opt.Producer, ProducerVersion: opt.Version, Graph: doc}
	for d := range domains {
		m.OpsetImport = append(m.OpsetImport, &onnxio.OperatorSetID{Domain: d, Version: int64(domains[d])})
	}
	slices.SortFunc(m.OpsetImport, func(a, b *onnxio.OperatorSetID) int { return slices.Compare([]byte(a.Domain), []byte(b.Domain)) })
	return m, nil
}

// opsets raises, by domain, the opset in which each node can be written.
func opsets(g *ir.Graph, set *op.Set, domains map[string]int) error {
	for _, n := range g.Nodes {
		need, err := set.OpsetFor(n)
		if err != nil {
			return err
		}
		domains[n.Domain] = max(domains[n.Domain], need)
		for _, sub := range n.Subgraphs() {
			if err := opsets(sub, set, domains); err != nil {
				return err
			}
		}
	}
	return nil
}

type raising struct {
	main  *onnxio.Graph
	set   *op.Set
	opset int
	opt   RaiseOptions
	names map[*ir.Value]string  // of initializers that are written, and of what subgraphs read from around them
	data  map[tensor.Any]string // of constants that are written
}

// graph writes a graph or subgraph. Initializers go to the main graph.
func (r *raising) graph(g *ir.Graph, doc *onnxio.Graph) error {
	for _, v := range g.Own() {
		doc.Input = append(doc.Input, valueInfo(v, v.Name))
	}
	for _, n := range g.Nodes {
		if n.Domain == "" {
			n = r.set.Write(n, r.opset)
		}
		m := &onnxio.Node{Name: n.Name, Domain: n.Domain, OpType: n.Op}
		own := len(n.In) - n.Captured()
		for _, v := range n.In[:own] {
			m.Input = append(m.Input, r.use(v))
		}
		for _, v := range n.Out {
			name := ""
			if v != nil {
				name = v.Name
			}
			m.Output = append(m.Output, name)
		}
		for _, a := range n.Attrs {
			attr, err := r.attribute(a, n.In[own:])
			if err != nil {
				return op.Wrap("write", n, op.Facts(n.In), err)
			}
			m.Attribute = append(m.Attribute, attr)
		}
		doc.Node = append(doc.Node, m)
	}
	return r.outputs(g, doc)
}

func (r *raising) outputs(g *ir.Graph, doc *onnxio.Graph) error {
	seen := map[*ir.Value]bool{}
	for i, v := range g.Outputs {
		name := v.Name
		if doc != r.main && (v.Kind != ir.Computed || seen[v]) {
			name = fmt.Sprintf("%s_out%d", v.Name, i)
			doc.Node = append(doc.Node, &onnxio.Node{OpType: "Identity", Input: []string{r.use(v)}, Output: []string{name}})
		} else if seen[v] {
			return fmt.Errorf("output %s is listed twice", v.Name)
		} else if v.Kind != ir.Computed {
			return fmt.Errorf("output %s is not computed by a node", v.Name)
		}
		seen[v] = true
		doc.Output = append(doc.Output, valueInfo(v, name))
	}
	return nil
}

// use returns the name of an input of a node, and writes the initializer behind it.
func (r *raising) use(v *ir.Value) string {
	if v == nil {
		return ""
	}
	if name, ok := r.names[v]; ok {
		return name
	}
	if v.Kind != ir.Const && v.Kind != ir.State {
		return v.Name
	}
	t := v.Data
	if v.Kind == ir.State && r.opt.Data != nil {
		if d := r.opt.Data(v); d != nil {
			t = d
		}
	}
	if name, ok := r.data[t]; ok && v.Kind == ir.Const {
		r.names[v] = name
		return name
	}
	if v.Kind == ir.Const {
		r.data[t] = v.Name
	}
	r.names[v] = v.Name
	r.main.Initializer = append(r.main.Initializer, onnxio.FromTensor(v.Name, t))
	return v.Name
}

// attribute writes an attribute of a node whose subgraphs read the captured values from around it.
func (r *raising) attribute(a ir.Attr, captured []*ir.Value) (*onnxio.Attribute, error) {
	g, ok := a.Value.(*ir.Graph)
	if !ok {
		return docAttr(a)
	}
	for i, v := range g.Inputs[len(g.Inputs)-g.Captured:] {
		r.names[v] = r.use(captured[i])
	}
	doc := &onnxio.Graph{Name: g.Name}
	if err := r.graph(g, doc); err != nil {
		return nil, err
	}
	return onnxio.NewAttribute(a.Name, doc), nil
}

func valueInfo(v *ir.Value, name string) *onnxio.ValueInfo {
	info := &onnxio.ValueInfo{Name: name, Type: onnxio.NewTensorType(v.Fact.DType, nil)}
	if v.Fact.Ranked {
		s := &onnxio.TensorShape{}
		for _, d := range v.Fact.Shape {
			if n, ok := d.Int(); ok {
				s.Dim = append(s.Dim, onnxio.FixedDim(int64(n)))
			} else if d.IsUnknown() {
				s.Dim = append(s.Dim, onnxio.NamedDim(""))
			} else {
				s.Dim = append(s.Dim, onnxio.NamedDim(d.String()))
			}
		}
		info.Type.TensorType.Shape = s
	}
	return info
}

func docAttr(a ir.Attr) (*onnxio.Attribute, error) {
	switch v := a.Value.(type) {
	case int64, float32, string, []int64, []float32, []string, tensor.Any:
		return onnxio.NewAttribute(a.Name, v), nil
	case []tensor.Any:
		list := make([]*onnxio.Tensor, len(v))
		for i, t := range v {
			list[i] = onnxio.FromTensor("", t)
		}
		return onnxio.NewAttribute(a.Name, list), nil
	}
	return nil, op.Unsupportedf("attribute %s of type %T", a.Name, a.Value)
}
