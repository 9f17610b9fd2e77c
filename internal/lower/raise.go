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
	domains := map[string]int{}
	for _, n := range g.Nodes {
		need, err := set.OpsetFor(n)
		if err != nil {
			return nil, err
		}
		if n.Domain != "" {
			domains[n.Domain] = max(domains[n.Domain], need)
			continue
		}
		if need > opset {
			if opt.Opset != 0 {
				return nil, op.Wrap("write", n, op.Facts(n.In), op.Unsupportedf("opset %d; the node needs %d", opt.Opset, need))
			}
			opset = need
		}
	}
	domains[""] = opset
	doc := &onnxio.Graph{Name: g.Name}
	if doc.Name == "" {
		doc.Name = "graph"
	}
	r := raising{doc: doc, opt: opt, done: map[*ir.Value]bool{}}
	if err := r.graph(g); err != nil {
		return nil, err
	}
	m := &onnxio.Model{IRVersion: IRVersion(opset), ProducerName: opt.Producer, ProducerVersion: opt.Version, Graph: doc}
	for d := range domains {
		m.OpsetImport = append(m.OpsetImport, &onnxio.OperatorSetID{Domain: d, Version: int64(domains[d])})
	}
	slices.SortFunc(m.OpsetImport, func(a, b *onnxio.OperatorSetID) int { return slices.Compare([]byte(a.Domain), []byte(b.Domain)) })
	return m, nil
}

type raising struct {
	doc  *onnxio.Graph
	opt  RaiseOptions
	done map[*ir.Value]bool // initializers that are written
}

func (r *raising) graph(g *ir.Graph) error {
	for _, v := range g.Inputs {
		r.doc.Input = append(r.doc.Input, valueInfo(v))
	}
	for _, n := range g.Nodes {
		m := &onnxio.Node{Name: n.Name, Domain: n.Domain, OpType: n.Op}
		for _, v := range n.In {
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
			attr, err := docAttr(a)
			if err != nil {
				return op.Wrap("write", n, op.Facts(n.In), err)
			}
			m.Attribute = append(m.Attribute, attr)
		}
		r.doc.Node = append(r.doc.Node, m)
	}
	seen := map[*ir.Value]bool{}
	for _, v := range g.Outputs {
		if seen[v] {
			return fmt.Errorf("output %s is listed twice", v.Name)
		}
		seen[v] = true
		if v.Kind != ir.Computed {
			return fmt.Errorf("output %s is not computed by a node", v.Name)
		}
		r.doc.Output = append(r.doc.Output, valueInfo(v))
	}
	return nil
}

// use returns the name of an input of a node, and writes the initializer behind it.
func (r *raising) use(v *ir.Value) string {
	if v == nil {
		return ""
	}
	if (v.Kind == ir.Const || v.Kind == ir.State) && !r.done[v] {
		r.done[v] = true
		t := v.Data
		if v.Kind == ir.State && r.opt.Data != nil {
			if d := r.opt.Data(v); d != nil {
				t = d
			}
		}
		r.doc.Initializer = append(r.doc.Initializer, onnxio.FromTensor(v.Name, t))
	}
	return v.Name
}

func valueInfo(v *ir.Value) *onnxio.ValueInfo {
	info := &onnxio.ValueInfo{Name: v.Name, Type: onnxio.NewTensorType(v.Fact.DType, nil)}
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
