package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/onnxio"
)

// lossOutput returns the value that is trained where none is named: the first output of floats. Where a
// classifier of scikit-learn's makes maps of its probabilities, it is what the maps are made of.
func lossOutput(m *onnxio.Model) (string, error) {
	var seen []string
	for _, v := range m.Graph.Output {
		if v == nil {
			continue
		}
		seen = append(seen, v.Name)
		if v.Type != nil && v.Type.TensorType != nil && v.Type.TensorType.DType().IsFloat() {
			return v.Name, nil
		}
		if n := producer(m.Graph, v.Name); n != nil && n.OpType == "ZipMap" && len(n.Input) == 1 {
			return n.Input[0], nil
		}
	}
	return "", fmt.Errorf("train: none of the outputs (%s) is a tensor of floats: name the value to train, as with --at VALUE", strings.Join(seen, ", "))
}

// producer returns the node that makes a value, nil where none does.
func producer(g *onnxio.Graph, name string) *onnxio.Node {
	for _, n := range g.Node {
		if n != nil && slices.Contains(n.Output, name) {
			return n
		}
	}
	return nil
}

// cut returns the part of a model that some values of its main graph need, with these as its outputs. What
// the rest does need not be known.
func cut(m *onnxio.Model, outputs []string) (*onnxio.Model, error) {
	for _, name := range outputs {
		if !hasValue(m.Graph, name) {
			return nil, fmt.Errorf("train: the model has no value %q%s", name, nearest.Hint(name, valueNames(m.Graph)))
		}
	}
	need := needed(m.Graph, outputs)
	c, g := *m, *m.Graph
	c.Graph = &g
	g.Node = slices.DeleteFunc(slices.Clone(g.Node), func(n *onnxio.Node) bool {
		return n == nil || !slices.ContainsFunc(n.Output, func(o string) bool { return o != "" && need[o] })
	})
	g.Input = slices.DeleteFunc(slices.Clone(g.Input), func(v *onnxio.ValueInfo) bool { return v == nil || !need[v.Name] })
	g.Initializer = slices.DeleteFunc(slices.Clone(g.Initializer), func(t *onnxio.Tensor) bool { return t == nil || !need[t.Name] })
	g.SparseInitializer = slices.DeleteFunc(slices.Clone(g.SparseInitializer), func(t *onnxio.SparseTensor) bool {
		return t == nil || t.Values == nil || !need[t.Values.Name]
	})
	g.Output = nil
	for _, name := range outputs {
		g.Output = append(g.Output, &onnxio.ValueInfo{Name: name})
	}
	return &c, nil
}

// reads adds the names that a node reads, in its subgraphs too; names that are these subgraphs' own do no harm.
func reads(n *onnxio.Node, set map[string]bool) {
	for _, name := range n.Input {
		set[name] = true
	}
	for _, a := range n.Attribute {
		if a == nil {
			continue
		}
		for _, g := range append([]*onnxio.Graph{a.G}, a.Graphs...) {
			if g == nil {
				continue
			}
			for _, inner := range g.Node {
				if inner != nil {
					reads(inner, set)
				}
			}
			for _, o := range g.Output {
				if o != nil {
					set[o.Name] = true
				}
			}
		}
	}
}

func hasValue(g *onnxio.Graph, name string) bool { return slices.Contains(valueNames(g), name) }

// valueNames lists the inputs, initializers and results of a graph.
func valueNames(g *onnxio.Graph) []string {
	var names []string
	for _, v := range g.Input {
		if v != nil {
			names = append(names, v.Name)
		}
	}
	for _, t := range g.Initializer {
		if t != nil {
			names = append(names, t.Name)
		}
	}
	for _, n := range g.Node {
		if n != nil {
			names = append(names, n.Output...)
		}
	}
	return slices.DeleteFunc(names, func(s string) bool { return s == "" })
}

// batched returns the model with inputs whose first dimension is the batch wherever it is not fixed.
func batched(m *onnxio.Model) *onnxio.Model {
	c, g := *m, *m.Graph
	c.Graph = &g
	g.Input = slices.Clone(g.Input)
	for i, v := range g.Input {
		if v == nil || v.Type == nil || v.Type.TensorType == nil || v.Type.TensorType.Shape == nil || len(v.Type.TensorType.Shape.Dim) == 0 {
			continue
		}
		if _, fixed := v.Type.TensorType.Shape.Dim[0].Value(); fixed {
			continue
		}
		shape := &onnxio.TensorShape{Dim: slices.Clone(v.Type.TensorType.Shape.Dim)}
		shape.Dim[0] = onnxio.NamedDim("batch")
		g.Input[i] = &onnxio.ValueInfo{Name: v.Name, Type: onnxio.NewTensorType(v.Type.TensorType.DType(), shape)}
	}
	return &c
}

func outputNames(g *onnxio.Graph) []string {
	var names []string
	for _, v := range g.Output {
		if v != nil {
			names = append(names, v.Name)
		}
	}
	return names
}

// needed returns the values that others are computed from, these included.
func needed(g *onnxio.Graph, names []string) map[string]bool {
	need := map[string]bool{}
	for _, name := range names {
		need[name] = true
	}
	for _, n := range slices.Backward(g.Node) {
		if n != nil && slices.ContainsFunc(n.Output, func(o string) bool { return o != "" && need[o] }) {
			reads(n, need)
		}
	}
	return need
}
