package onnxgo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	gorgonia "gorgonia.org/tensor"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
)

// irVersion is that of the documents made here: one in which initializers need not be inputs.
const irVersion = 8

// model writes the graph as a document: given values are inputs, other values that no operator makes are
// constants. It also returns the nodes whose values are the outputs.
func (g *Graph) model(given []*Node) (*onnxio.Model, []*Node, error) {
	doc := &onnxio.Graph{Name: "onnx-go"}
	for _, n := range g.nodes {
		switch {
		case n.made || n.name == "" || n.value == nil:
		case slices.Contains(given, n):
			t, err := fromGorgonia(n.value)
			if err != nil {
				return nil, nil, fmt.Errorf("input %s: %w", n.name, err)
			}
			doc.Input = append(doc.Input, onnxio.NewValueInfo(n.name, t.DType(), make([]any, len(t.Shape()))...))
		default:
			t, err := fromGorgonia(n.value)
			if err != nil {
				return nil, nil, fmt.Errorf("constant %s: %w", n.name, err)
			}
			doc.Initializer = append(doc.Initializer, onnxio.FromTensor(n.name, t))
		}
	}
	used := map[*Node]bool{}
	for i, o := range g.ops {
		node, err := o.node(i)
		if err != nil {
			return nil, nil, err
		}
		doc.Node = append(doc.Node, node)
		for _, in := range o.out[0].inputs {
			used[in] = true
		}
	}
	var results []*Node
	for _, o := range g.ops {
		for _, n := range o.out {
			if n.name != "" && (n.declared || !used[n]) {
				results = append(results, n)
				doc.Output = append(doc.Output, &onnxio.ValueInfo{Name: n.name})
			}
		}
	}
	m := &onnxio.Model{IRVersion: irVersion, OpsetImport: []*onnxio.OperatorSetID{{Version: int64(g.opset)}}, Graph: doc}
	return m, results, nil
}

// node writes an operator.
func (o operation) node(i int) (*onnxio.Node, error) {
	n := &onnxio.Node{Name: fmt.Sprintf("%s_%d", o.name, i), OpType: o.name}
	for k, in := range o.out[0].inputs {
		switch {
		case in == nil:
			return nil, fmt.Errorf("%w: operator %s has no input %d", infer.ErrMalformed, n.Name, k)
		case k == 0 && len(o.out[0].inputs) == 1 && !in.made && in.value == nil && strings.HasSuffix(in.name, "/input"):
			// onnx-go gives operators without inputs one, so that edges lead to them.
		default:
			n.Input = append(n.Input, in.name)
		}
	}
	for _, out := range o.out {
		n.Output = append(n.Output, out.name)
	}
	for _, name := range slices.Sorted(maps.Keys(o.attr)) {
		switch v := o.attr[name].(type) {
		case gorgonia.Tensor:
			t, err := fromGorgonia(v)
			if err != nil {
				return nil, fmt.Errorf("operator %s: attribute %s: %w", n.Name, name, err)
			}
			n.Attribute = append(n.Attribute, onnxio.NewAttribute(name, t))
		case float32, int64, string, []float32, []int64, []string:
			n.Attribute = append(n.Attribute, onnxio.NewAttribute(name, v))
		default:
			return nil, fmt.Errorf("%w: operator %s: attribute %s of type %T", infer.ErrUnsupported, n.Name, name, v)
		}
	}
	return n, nil
}
