package tokeras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// sizeInputs says from which input on an operator takes sizes, axes and counts. What computes these of a
// tensor's shape is no layer: inference has followed it, and Keras knows the shapes itself.
var sizeInputs = map[string]int{
	"Reshape": 1, "Expand": 1, "Slice": 1, "Tile": 1, "Split": 1, "Squeeze": 1, "Unsqueeze": 1, "Pad": 1, "Resize": 2, "TopK": 1,
	"OneHot": 1, "CumSum": 1, "Range": 0, "ConstantOfShape": 0,
}

// isSizes reports whether the outputs of a node are sizes that are known, as numbers or by the symbols of the
// inputs' shapes, and none is an output of the model.
func (s *saver) isSizes(n *ir.Node) bool {
	for _, v := range n.Out {
		if v == nil {
			continue
		}
		if v.Fact.Elems == nil || len(s.uses[v]) > 0 && s.uses[v][len(s.uses[v])-1] == nil {
			return false
		}
	}
	return true
}

// targetOf writes sizes as Keras takes a new shape, with -1 for the one that is not known.
func targetOf(shape ir.Shape) ([]int, error) {
	out, unknown := []int{}, 0
	for _, d := range shape {
		n, ok := d.Int()
		if !ok {
			n = -1
			unknown++
		}
		out = append(out, n)
	}
	if unknown > 1 {
		return nil, op.Unsupportedf("shape %v, of which more than one size is not known", shape)
	}
	return out, nil
}

// saveReshape makes a Reshape layer, which keeps the batch, else the operation.
func saveReshape(s *saver, n *ir.Node) error {
	to, known := list(n.In[1])
	return s.reshape(n, known && len(to) > 0 && to[0] == 0)
}

// reshape gives a tensor the shape of a node's output; keeps says that the first axis stays.
func (s *saver) reshape(n *ir.Node, keeps bool) error {
	in, out := n.In[0].Fact.Shape, n.Out[0].Fact.Shape
	if !n.In[0].Fact.Ranked || !n.Out[0].Fact.Ranked {
		return op.Unsupportedf("a shape that is not known")
	}
	if len(in) == 0 || len(out) == 0 {
		return op.Unsupportedf("a shape without a batch axis")
	}
	x := s.held[n.In[0]]
	if k := len(out); len(in) == k+1 && k > 1 && !fixedSize(in[1]) && slices.EqualFunc(in[2:], out[1:], ir.Dim.Same) {
		x = s.plain(n.In[0])
		x.as, x.lead = apart, [2]ir.Dim{in[0], in[1]}
		s.held[n.Out[0]] = x
		return nil
	}
	if x.as == apart && len(out) == len(in)+1 && x.lead[0].Same(out[0]) && x.lead[1].Same(out[1]) && slices.EqualFunc(in[1:], out[2:], ir.Dim.Same) {
		x.as = plain
		s.held[n.Out[0]] = x
		return nil
	}
	a, ok1 := in[1:].Size().Int()
	b, ok2 := out[1:].Size().Int()
	if keeps || in[0].Same(out[0]) || ok1 && ok2 && a == b && !fixedSize(out[0]) {
		target, err := targetOf(out[1:])
		if err != nil {
			return err
		}
		s.put(n.Out[0], plain, "keras.layers", "Reshape", map[string]any{"target_shape": target}, s.plain(n.In[0]))
		return nil
	}
	target, err := targetOf(out)
	if err != nil {
		return err
	}
	s.put(n.Out[0], plain, kerasOps+"numpy", "Reshape", map[string]any{"newshape": target}, s.plain(n.In[0]))
	return nil
}

// saveExpand repeats elements along the axes of size 1 that become longer. A constant that gets the batch's
// rows, as the first states of a recurrent layer, is added to zeros of that many rows.
func saveExpand(s *saver, n *ir.Node) error { return s.expand(n, n.In[0]) }

// saveConstantOfShape makes what an Expand of its value is.
func saveConstantOfShape(s *saver, n *ir.Node) error {
	value, _ := n.Attr("value").(tensor.Any)
	if value == nil {
		value = tensor.Scalar(float32(0))
	}
	return s.expand(n, &ir.Value{Kind: ir.Const, Data: value, Fact: ir.ConstFact(value)})
}

func (s *saver) expand(n *ir.Node, x *ir.Value) error {
	to := n.Out[0].Fact.Shape
	if !n.Out[0].Fact.Ranked || !x.Fact.Ranked || len(to) == 0 {
		return op.Unsupportedf("a shape that is not known")
	}
	if len(x.Fact.Shape) > len(to) {
		return op.Unsupportedf("a shape %v of fewer axes", to)
	}
	in := append(ones(len(to)-len(x.Fact.Shape)), x.Fact.Shape...)
	var h held
	switch {
	case x.Kind == ir.Const:
		at := slices.IndexFunc(to, func(d ir.Dim) bool { return !fixedSize(d) })
		if at < 0 || !in[at].Is(1) || !x.Fact.DType.IsFloat() {
			return op.Unsupportedf("a constant %v that gets shape %v", x.Fact, to)
		}
		rows, err := s.zeros(to[at], len(to))
		if err != nil {
			return err
		}
		if at > 0 {
			axes := []int{}
			for i := range to {
				axes = append(axes, i)
			}
			axes[0], axes[at] = at, 0
			rows = s.then(rows, kerasOps+"numpy", "Transpose", map[string]any{"axes": axes})
		}
		c, err := s.operand(x, len(to), &rows, nil)
		if err != nil {
			return err
		}
		h, in[at] = s.then(rows, kerasOps+"numpy", "Add", map[string]any{}, c), to[at]
	case len(x.Fact.Shape) < len(to):
		return op.Unsupportedf("a shape %v of more axes", to)
	default:
		h = s.plain(x)
	}
	for i := range to {
		if in[i].Same(to[i]) {
			continue
		}
		k, ok := to[i].Int()
		if !ok || !in[i].Is(1) || i == 0 && x.Kind != ir.Const {
			return op.Unsupportedf("shape %v for an input of shape %v", to, in)
		}
		h = s.then(h, kerasOps+"numpy", "Repeat", map[string]any{"repeats": k, "axis": i})
	}
	s.held[n.Out[0]] = h
	return nil
}

// zeros returns zeros with as many rows as the batch and axes of size 1 behind, made of any tensor with these rows.
func (s *saver) zeros(batch ir.Dim, rank int) (held, error) {
	for _, v := range s.values() {
		h, ok := s.held[v]
		if !ok || !v.Fact.DType.IsFloat() || v.Fact.Rank() < 2 || !v.Fact.Shape[0].Same(batch) || h.as > last {
			continue
		}
		key := []any{sliceOf(nil, nil, nil), sliceOf(nil, 1, nil)}
		for range v.Fact.Rank() - 2 {
			key = append(key, 0)
		}
		h = s.then(held{layer: h.layer, tensor: h.tensor}, kerasOps+"numpy", "GetItem", map[string]any{}, key)
		h = s.then(h, kerasOps+"numpy", "ZerosLike", map[string]any{})
		switch {
		case rank == 1:
			h = s.then(h, kerasOps+"numpy", "Squeeze", map[string]any{"axis": 1})
		case rank > 2:
			h = s.then(h, "keras.layers", "Reshape", map[string]any{"target_shape": slices.Repeat([]int{1}, rank-1)})
		}
		return h, nil
	}
	return held{}, op.Unsupportedf("a constant with as many rows as the batch, %v", batch)
}

func fixedSize(d ir.Dim) bool {
	_, ok := d.Int()
	return ok
}

func ones(n int) ir.Shape {
	out := ir.Shape{}
	for range n {
		out = append(out, ir.Known(1))
	}
	return out
}

// then makes a layer that reads h, in the same layout, and returns its output.
func (s *saver) then(h held, module, class string, config map[string]any, args ...any) held {
	h.layer, h.tensor = s.add(module, class, config, append([]any{h}, args...)...).name, 0
	return h
}

// saveRange counts from 0 to a size that is not known, of a tensor that has such an axis: it adds up ones.
func saveRange(s *saver, n *ir.Node) error {
	start, ok1 := list(n.In[0])
	step, ok2 := list(n.In[2])
	limit := n.In[1].Fact.Elems
	if !ok1 || !ok2 || len(limit) != 1 || start[0] != 0 || step[0] != 1 {
		return op.Unsupportedf("limits that are no sizes, or not from 0 on in steps of 1")
	}
	for _, v := range s.values() {
		h, ok := s.held[v]
		axis := slices.IndexFunc(v.Fact.Shape, limit[0].Same)
		if !ok || h.as != plain || axis < 1 || v.Fact.DType == tensor.String {
			continue
		}
		key := slices.Repeat([]any{0}, v.Fact.Rank())
		key[axis] = sliceOf(nil, nil, nil)
		h = s.then(h, kerasOps+"numpy", "GetItem", map[string]any{}, key)
		h = s.then(h, kerasOps+"numpy", "OnesLike", map[string]any{"dtype": "int32"})
		h = s.then(h, kerasOps+"numpy", "Cumsum", map[string]any{"axis": 0})
		h = s.then(h, kerasOps+"numpy", "Subtract", map[string]any{}, 1)
		return s.castTo(n.Out[0], h, "int32")
	}
	return op.Unsupportedf("no tensor with an axis of size %v", limit[0])
}

// values are the inputs and what the nodes compute.
func (s *saver) values() []*ir.Value {
	out := slices.Clone(s.g.Inputs)
	for _, n := range s.g.Nodes {
		out = append(out, n.Out...)
	}
	return slices.DeleteFunc(out, func(v *ir.Value) bool { return v == nil || !v.Fact.Ranked })
}
