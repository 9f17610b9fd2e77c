package keras

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// pusher makes a node work on what its inputs are permutations of, and reports false, with nothing
// changed, where it cannot.
type pusher func(*layout, *ir.Node) bool

// pushers returns the operators that work on any layout.
func pushers() map[string]pusher {
	p := map[string]pusher{
		"LogSoftmax": pushAxis, "Softmax": pushAxis, "Concat": pushConcat, "Pad": pushPad, "Slice": pushSlice, "Resize": pushResize,
		"Flatten": pushFlatten, "Reshape": pushReshape,
	}
	for _, name := range []string{
		"Abs", "Cast", "Ceil", "Celu", "Clip", "Cos", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "IsInf",
		"IsNaN", "LeakyRelu", "Log", "Mish", "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Sin", "Softplus",
		"Softsign", "Sqrt", "Tanh", "ThresholdedRelu",
	} {
		p[name] = pushUnary
	}
	for _, name := range []string{
		"Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "PRelu",
		"Pow", "Sub", "Sum", "Where", "Xor",
	} {
		p[name] = pushBroadcast
	}
	for _, name := range []string{"ReduceL1", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"} {
		p[name] = pushReduce
	}
	return p
}

// pushUnary is for operators on each element, whose other inputs are numbers.
func pushUnary(l *layout, n *ir.Node) bool {
	w := l.view(n.In[0])
	for _, v := range n.In[1:] {
		if v != nil && v.Fact.Rank() != 0 {
			return false
		}
	}
	n.In[0] = w.src
	l.becomes(n.Out[0], w.perm)
	return true
}

// bring sets the inputs to what they are in the layout.
func (l *layout) bring(n *ir.Node, perm []int) {
	inv := inversePerm(perm)
	for i, v := range n.In {
		w := l.view(v)
		switch {
		case v.Kind == ir.Const:
			n.In[i] = l.constant(v, inv)
		case len(w.perm) == 0:
		default:
			n.In[i] = l.transposed(w.src, through(w.perm, inv), n.Name)
		}
	}
}

// constant returns a constant that is broadcast, with the axes moved.
func (l *layout) constant(v *ir.Value, inv []int) *ir.Value {
	rank := v.Fact.Rank()
	shape, _ := v.Fact.Static()
	if n, _ := shape.Size(); n == 1 && rank <= len(inv) {
		return v
	}
	t, ok := v.Data.(*tensor.Tensor[float32])
	if !ok {
		full := append(slices.Repeat([]int{1}, len(inv)-rank), shape...)
		return l.transposed(l.b.ReshapeTo(v, full...), inv, v.Name)
	}
	key := fmt.Sprint(v.ID, inv)
	if l.moved[key] != nil {
		return l.moved[key]
	}
	full, err := tensor.New(t.Data(), append(slices.Repeat([]int{1}, len(inv)-rank), shape...)...)
	if err != nil {
		return v
	}
	p := permuted(full, inv...)
	s := p.Shape()
	for len(s) > 1 && s[0] == 1 {
		s = s[1:]
	}
	if p, err = tensor.New(p.Data(), s...); err != nil {
		return v
	}
	l.moved[key] = l.b.G.AddConst(v.Name, p)
	l.from[l.moved[key]] = v
	return l.moved[key]
}

// pushBroadcast is for operators on each element of several inputs.
func pushBroadcast(l *layout, n *ir.Node) bool {
	perm, ok := l.common(n, n.Out[0].Fact.Rank())
	if !ok {
		return false
	}
	l.bring(n, perm)
	l.becomes(n.Out[0], perm)
	return true
}

// axisOf returns the attribute axis, counted from the start.
func axisOf(n *ir.Node, rank int) int {
	a, ok := n.Attr("axis").(int64)
	if !ok {
		a = -1
	}
	if a < 0 {
		a += int64(rank)
	}
	return int(a)
}

func pushAxis(l *layout, n *ir.Node) bool {
	w := l.view(n.In[0])
	n.SetAttr("axis", int64(w.perm[axisOf(n, len(w.perm))]))
	n.In[0] = w.src
	l.becomes(n.Out[0], w.perm)
	return true
}

func pushConcat(l *layout, n *ir.Node) bool {
	rank := n.Out[0].Fact.Rank()
	for _, v := range n.In {
		if v.Kind == ir.Const || v.Fact.Rank() != rank {
			return false
		}
	}
	perm, ok := l.common(n, rank)
	if !ok {
		return false
	}
	n.SetAttr("axis", int64(perm[axisOf(n, rank)]))
	l.bring(n, perm)
	l.becomes(n.Out[0], perm)
	return true
}

// ints returns the elements of a constant of integers.
func constInts(v *ir.Value) ([]int, bool) {
	if v == nil {
		return nil, false
	}
	t, ok := v.Data.(*tensor.Tensor[int64])
	if !ok || v.Kind != ir.Const {
		return nil, false
	}
	out := make([]int, t.Len())
	for i, k := range t.Data() {
		out[i] = int(k)
	}
	return out, true
}

// integers returns a constant of integers in the place of another.
func (l *layout) integers(old *ir.Value, v []int) *ir.Value {
	s := make([]int64, len(v))
	for i, k := range v {
		s[i] = int64(k)
	}
	c := l.b.G.AddConst(old.Name, tensor.Vector(s...))
	l.from[c] = old
	return c
}

func pushReduce(l *layout, n *ir.Node) bool {
	w := l.view(n.In[0])
	if len(n.In) < 2 {
		return false
	}
	axes, ok := constInts(n.In[1])
	if !ok || len(axes) == 0 {
		return false
	}
	rank := len(w.perm)
	gone := make([]bool, rank)
	at := make([]int, len(axes))
	for i, a := range axes {
		if a < 0 {
			a += rank
		}
		at[i] = w.perm[a]
		gone[at[i]] = true
	}
	slices.Sort(at)
	perm := w.perm
	if k, ok := n.Attr("keepdims").(int64); ok && k == 0 {
		place := make([]int, rank) // of a kept axis of src in the result
		next := 0
		for i := range place {
			place[i] = next
			if !gone[i] {
				next++
			}
		}
		perm = nil
		for _, p := range w.perm {
			if !gone[p] {
				perm = append(perm, place[p])
			}
		}
	}
	n.In[0], n.In[1] = w.src, l.integers(n.In[1], at)
	l.becomes(n.Out[0], perm)
	return true
}

func pushPad(l *layout, n *ir.Node) bool {
	w := l.view(n.In[0])
	rank := len(w.perm)
	pads, ok := constInts(n.In[1])
	if !ok || len(pads) != 2*rank || len(n.In) > 3 && n.In[3] != nil {
		return false
	}
	out := make([]int, 2*rank)
	for i, p := range w.perm {
		out[p], out[p+rank] = pads[i], pads[i+rank]
	}
	n.In[0], n.In[1] = w.src, l.integers(n.In[1], out)
	l.becomes(n.Out[0], w.perm)
	return true
}

func pushSlice(l *layout, n *ir.Node) bool {
	w := l.view(n.In[0])
	if len(n.In) < 4 {
		return false
	}
	axes, ok := constInts(n.In[3])
	if !ok {
		return false
	}
	out := make([]int, len(axes))
	for i, a := range axes {
		if a < 0 {
			a += len(w.perm)
		}
		out[i] = w.perm[a]
	}
	n.In[0], n.In[3] = w.src, l.integers(n.In[3], out)
	l.becomes(n.Out[0], w.perm)
	return true
}

// resizes reports whether onnxruntime resizes by such scales: but for nearest it wants channels in the second place or,
// of linearly resized images, in the last one.
func resizes(mode string, scales []float32) bool {
	n := len(scales)
	return mode == "nearest" || n < 3 || scales[0] == 1 && (scales[1] == 1 || mode == "linear" && n == 4 && scales[n-1] == 1)
}

// pushResize is for scales of all axes.
func pushResize(l *layout, n *ir.Node) bool {
	w := l.view(n.In[0])
	if n.Attr("axes") != nil || len(n.In) < 3 || n.In[1] != nil {
		return false
	}
	switch {
	case len(n.In) == 3 && n.In[2].Kind == ir.Const:
		t, ok := n.In[2].Data.(*tensor.Tensor[float32])
		if !ok || t.Len() != len(w.perm) {
			return false
		}
		scales := make([]float32, len(w.perm))
		for i, p := range w.perm {
			scales[p] = t.Data()[i]
		}
		if mode, _ := n.Attr("mode").(string); !resizes(mode, scales) {
			return false
		}
		c := l.b.G.AddConst(n.In[2].Name, tensor.Vector(scales...))
		l.from[c] = n.In[2]
		n.In[2] = c
	default:
		return false
	}
	n.In[0] = w.src
	l.becomes(n.Out[0], w.perm)
	return true
}
