package train

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/nn"
)

// Head is the new end of a model: Keras's Dense on a value of features.
type Head struct {
	Units int
	// At is the value that the layer takes, of shape [batch, features] or [batch, steps, features]. Empty is
	// what the model's last MatMul or Gemm with constant weights takes.
	At string
	// Activation is sigmoid, softmax, relu, tanh, or linear, which is the default.
	Activation string
	// Name is the output's; empty is the name of the output that it replaces.
	Name string
	// Seed keys the first weights, which are Glorot's uniform ones; biases start at 0.
	Seed uint64
}

// headOps are the operators of the activations that a head may have.
var headOps = map[string]string{"": "", "linear": "", "sigmoid": "Sigmoid", "softmax": "Softmax", "relu": "Relu", "tanh": "Tanh"}

// ReplaceHead returns the model with a new head, whose weights are head/kernel and head/bias. The outputs that
// depend on h.At give way to the head's, which takes the first one's place; nodes and weights that were for
// them alone are removed, all else stays. The other outputs stay too.
func ReplaceHead(m *onnxio.Model, h Head) (*onnxio.Model, error) {
	if m == nil || m.Graph == nil {
		return nil, errors.New("train: the model has no graph")
	}
	if h.Units < 1 {
		return nil, fmt.Errorf("train: a head of %d units; it needs one at least", h.Units)
	}
	if _, ok := headOps[h.Activation]; !ok {
		return nil, fmt.Errorf("train: a head has no activation %q; there are linear, sigmoid, softmax, relu, tanh", h.Activation)
	}
	if h.At == "" {
		at, err := lastProduct(m)
		if err != nil {
			return nil, err
		}
		h.At = at
	}
	fact, err := factAt(m, h.At)
	if err != nil {
		return nil, err
	}
	features, ok := fact.Shape[fact.Rank()-1].Int()
	if !ok || fact.Rank() > 3 {
		return nil, fmt.Errorf("train: a head on %s %v: expected [batch, features] or [batch, steps, features] with a known number of features; choose a value behind the pooling or flattening", h.At, fact)
	}
	return newHead(m, h, fact, features)
}

// lastProduct returns what the last product by constant weights before the output takes.
func lastProduct(m *onnxio.Model) (string, error) {
	name, err := lossOutput(m)
	if err != nil {
		return "", err
	}
	doc, err := cut(m, []string{name})
	if err != nil {
		return "", err
	}
	products := productsOf(m)
	for _, n := range slices.Backward(doc.Graph.Node) {
		if products.of[n] != nil {
			return n.Input[0], nil
		}
	}
	return "", errors.New("train: the model has no MatMul or Gemm with constant weights whose input a new head could take: name the value, as with --at VALUE")
}

// factAt returns type and shape of a value.
func factAt(m *onnxio.Model, name string) (ir.Fact, error) {
	doc, err := cut(m, []string{name})
	if err != nil {
		return ir.Fact{}, err
	}
	r, err := lower.Model(doc, ops.Set(), lower.Options{Outputs: []string{name}})
	if err != nil {
		return ir.Fact{}, err
	}
	f := r.Graph.Outputs[0].Fact
	if !f.DType.IsFloat() || f.DType.Size() < 2 || f.Rank() < 2 {
		return f, fmt.Errorf("train: a head on %s %v: expected floats of shape [batch, features] or [batch, steps, features]", name, f)
	}
	return f, nil
}

func newHead(m *onnxio.Model, h Head, fact ir.Fact, features int) (*onnxio.Model, error) {
	gone := outputsBehind(m, h.At)
	place, name := 0, h.Name
	if len(gone) > 0 {
		place = slices.IndexFunc(m.Graph.Output, func(v *onnxio.ValueInfo) bool { return v == gone[0] })
		if name == "" {
			name = replacedName(m, gone)
		}
	}
	e := newEdit(m)
	e.graph.Output = slices.DeleteFunc(e.graph.Output, func(v *onnxio.ValueInfo) bool { return slices.Contains(gone, v) })
	e.removeUnread(m, h.At)
	if name == "" {
		name = "head"
	}
	if hasValue(e.graph, name) {
		return nil, fmt.Errorf("train: the head's output cannot be called %s: the model has a value of that name", name)
	}
	if err := e.dense(h, name, fact.DType, features); err != nil {
		return nil, err
	}
	dims := make([]any, fact.Rank())
	for i, d := range fact.Shape {
		if n, ok := d.Int(); ok {
			dims[i] = n
		} else if !d.IsUnknown() {
			dims[i] = d.String()
		}
	}
	dims[fact.Rank()-1] = h.Units
	out := onnxio.NewValueInfo(name, fact.DType, dims...)
	e.graph.Output = slices.Insert(e.graph.Output, place, out)
	return e.model, nil
}

// dense appends the head's nodes and weights.
func (e *edit) dense(h Head, name string, d tensor.DType, features int) error {
	kernel := make([]float32, features*h.Units)
	nn.GlorotUniform().Init(rand.New(rand.NewPCG(h.Seed, 1)), []int{features, h.Units}, kernel)
	w, err := rewrite.Convert(tensor.Must(kernel, features, h.Units), d)
	if err != nil {
		return err
	}
	b, err := rewrite.Convert(tensor.Zeros[float32](h.Units), d)
	if err != nil {
		return err
	}
	node := func(op, out string, in ...string) {
		n := &onnxio.Node{Name: e.fresh("head/" + op), OpType: op, Input: in, Output: []string{out}}
		if op == "Softmax" {
			n.Attribute = []*onnxio.Attribute{onnxio.NewAttribute("axis", int64(-1))}
		}
		e.graph.Node = append(e.graph.Node, n)
	}
	product, sum, act := e.fresh("head/product"), name, headOps[h.Activation]
	if act != "" {
		sum = e.fresh("head/sum")
	}
	node("MatMul", product, h.At, e.add("head/kernel", w))
	node("Add", sum, product, e.add("head/bias", b))
	if act != "" {
		node(act, name, sum)
	}
	return nil
}

// outputsBehind returns the outputs that depend on a value and are not it.
func outputsBehind(m *onnxio.Model, at string) []*onnxio.ValueInfo {
	behind := map[string]bool{at: true}
	for _, n := range m.Graph.Node {
		if n == nil {
			continue
		}
		in := map[string]bool{}
		reads(n, in)
		for name := range in {
			if behind[name] && name != "" {
				for _, o := range n.Output {
					behind[o] = true
				}
				break
			}
		}
	}
	var out []*onnxio.ValueInfo
	for _, v := range m.Graph.Output {
		if v != nil && v.Name != at && behind[v.Name] {
			out = append(out, v)
		}
	}
	return out
}

// replacedName returns the name for the output in the place of others: the trained one's where it is among them.
func replacedName(m *onnxio.Model, gone []*onnxio.ValueInfo) string {
	name, err := lossOutput(m)
	for _, v := range gone {
		if err == nil && v.Name == name {
			return name
		}
	}
	return gone[0].Name
}

// removeUnread removes the nodes, initializers, inputs and descriptions that the outputs of a model needed and those that
// are left do not; at is needed too.
func (e *edit) removeUnread(was *onnxio.Model, at string) {
	before, after := needed(was.Graph, outputNames(was.Graph)), needed(e.graph, append(outputNames(e.graph), at))
	unread := func(name string) bool { return before[name] && !after[name] }
	e.graph.Node = slices.DeleteFunc(e.graph.Node, func(n *onnxio.Node) bool {
		return n != nil && slices.ContainsFunc(n.Output, func(o string) bool { return before[o] }) && !slices.ContainsFunc(n.Output, func(o string) bool { return after[o] })
	})
	e.graph.Initializer = slices.DeleteFunc(e.graph.Initializer, func(t *onnxio.Tensor) bool { return t != nil && unread(t.Name) })
	e.graph.Input = slices.DeleteFunc(e.graph.Input, func(v *onnxio.ValueInfo) bool { return v != nil && unread(v.Name) })
	values := map[string]bool{}
	for _, name := range valueNames(e.graph) {
		values[name] = true
	}
	e.graph.ValueInfo = slices.DeleteFunc(slices.Clone(e.graph.ValueInfo), func(v *onnxio.ValueInfo) bool { return v != nil && !values[v.Name] })
	e.graph.QuantizationAnnotation = slices.DeleteFunc(slices.Clone(e.graph.QuantizationAnnotation), func(a *onnxio.TensorAnnotation) bool {
		return a != nil && !values[a.TensorName]
	})
	e.names = newEdit(e.model).names
}
