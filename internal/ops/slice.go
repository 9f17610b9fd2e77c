package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opSlice takes every step-th element from start to end (exclusive) along each of the listed axes
// (all from the first on, where none are listed). Starts and ends are counted from the end of the
// axis where negative and clamped to it; a negative step goes backwards.
// The gradient puts dy where its elements came from, among zeros.
var opSlice = &op.Def{
	Name: "Slice", Since: 13,
	Doc: "Elements start to end (exclusive) by step along the listed axes.",
	In: []op.Param{
		op.In("data", "T", op.Differentiable), op.In("starts", "Tind", op.Zero), op.In("ends", "Tind", op.Zero),
		op.Opt("axes", "Tind", op.Zero), op.Opt("steps", "Tind", op.Zero),
	},
	Out:     []op.Param{op.Out("output", "T")},
	Types:   op.Types{"Tind": op.Index},
	Infer:   inferSlice,
	Kernels: moved(types13, bindSlice[uint8], bindSlice[uint16], bindSlice[uint32], bindSlice[uint64], bindSlice[wide16], bindSlice[string]),
	Grad:    gradSlice,
	Old: []op.Version{
		{Since: 11, Types: op.Types{"T": op.AllClassic}},
		{Since: 10, Types: op.Types{"T": op.AllClassic}},
		{
			Since: 1, Types: op.Types{"T": op.AllClassic}, In: inT("data"),
			Attrs: []op.AttrDef{op.May("axes", op.IntsKind), op.Need("ends", op.IntsKind), op.Need("starts", op.IntsKind)},
			Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
				in := []*ir.Value{n.Node.In[0], b.Ints(n.Ints("starts")...), b.Ints(n.Ints("ends")...), nil}
				if n.HasAttr("axes") {
					in[3] = b.Ints(n.Ints("axes")...)
				}
				return b.Emit(1, "Slice", in)
			},
		},
	},
}

// sliceSpec is what a Slice does along one axis: elements start, start+step, ..., count of them.
type sliceSpec struct{ axis, start, step, count int }

// sliceAxes returns the axes that are cut, counted from the front, nil where they are not known.
func sliceAxes(n *op.Node, rank int) ([]int, error) {
	for i := 1; i < n.NumIn(); i++ {
		if f := n.In(i); n.HasIn(i) && f.Ranked && len(f.Shape) != 1 {
			return nil, op.Shapef("%s is %v, expected a vector", n.Def.In[i].Name, f)
		}
	}
	if n.HasIn(3) {
		axes, ok := n.ConstInts(3)
		if !ok {
			return nil, nil
		}
		return op.ResolveAxes(axes, rank)
	}
	k, ok := rankFromVector(n.In(1))
	if !ok {
		return nil, nil
	}
	if k > rank {
		return nil, op.Shapef("%d starts for an input of rank %d", k, rank)
	}
	axes := make([]int, k)
	for i := range axes {
		axes[i] = i
	}
	return axes, nil
}

// sliceElem returns element k of input i, which has count elements; known is false where it is not known.
func sliceElem(n *op.Node, i, k, count int) (v ir.Dim, known bool, err error) {
	f := n.In(i)
	if r, ok := rankFromVector(f); ok && r != count {
		return v, false, op.Shapef("%s is %v, expected %d elements", n.Def.In[i].Name, f, count)
	}
	if f.Elems != nil {
		return f.Elems[k], true, nil
	}
	if all, ok := n.ConstInts(i); ok {
		return ir.Known(all[k]), true, nil
	}
	return v, false, nil
}

// sliceAxis returns the size of the axis that is cut by the k-th start, and its spec where known.
func sliceAxis(n *op.Node, k, count, axis int, size ir.Dim) (out ir.Dim, spec *sliceSpec, err error) {
	step := ir.Known(1)
	ok := true
	if n.HasIn(4) {
		if step, ok, err = sliceElem(n, 4, k, count); err != nil {
			return ir.Unknown, nil, err
		}
	}
	start, ok1, err1 := sliceElem(n, 1, k, count)
	end, ok2, err2 := sliceElem(n, 2, k, count)
	if err1 != nil || err2 != nil {
		return ir.Unknown, nil, firstError(err1, err2)
	}
	by, ok3 := step.Int()
	if ok && ok3 && by == 0 {
		return ir.Unknown, nil, op.Shapef("step 0 at axis %d", axis)
	}
	if !ok || !ok1 || !ok2 || !ok3 {
		return ir.Unknown, nil, nil
	}
	from, fromOK := start.Int()
	to, toOK := end.Int()
	length, sizeOK := size.Int()
	if fromOK && toOK && sizeOK {
		s := newSliceSpec(axis, from, to, by, length)
		return ir.Known(s.count), &s, nil
	}
	const huge = 1<<31 - 1 // exporters write this or the int64 maximum for "to the end"
	if by == 1 && start.Is(0) && (end.Same(size) || toOK && to >= huge) {
		return size, nil, nil
	}
	return ir.Unknown, nil, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func newSliceSpec(axis, start, end, step, size int) sliceSpec {
	if start < 0 {
		start += size
	}
	if end < 0 {
		end += size
	}
	// A step beyond the axis takes one element, whatever its size.
	step = min(max(step, -max(size, 1)), max(size, 1))
	s := sliceSpec{axis: axis, step: step}
	if step > 0 {
		s.start = min(max(start, 0), size)
		s.count = max(0, (min(max(end, 0), size)-s.start+step-1)/step)
	} else {
		s.start = min(max(start, 0), size-1)
		s.count = max(0, (s.start-min(max(end, -1), size-1)-step-1)/-step)
	}
	if s.count == 0 {
		s.start = 0
	}
	return s
}

func inferSlice(n *op.Node) error {
	x := n.In(0)
	if !x.Ranked {
		return nil
	}
	axes, err := sliceAxes(n, len(x.Shape))
	if err != nil {
		return err
	}
	if axes == nil {
		n.SetShape(0, unknownShape(len(x.Shape)))
		return nil
	}
	out := append(ir.Shape{}, x.Shape...)
	var last *sliceSpec
	for k, a := range axes {
		var err error
		if out[a], last, err = sliceAxis(n, k, len(axes), a, x.Shape[a]); err != nil {
			return err
		}
	}
	n.SetShape(0, out)
	if x.Elems != nil && len(x.Shape) == 1 && last != nil {
		elems := make([]ir.Dim, last.count)
		for i := range elems {
			elems[i] = x.Elems[last.start+i*last.step]
		}
		setElems(n, 0, elems, false)
	}
	return nil
}

func bindSlice[T any](n *op.Node) (op.Kernel, error) {
	in := n.InShape(0)
	axes, err := sliceAxes(n, len(in))
	if err != nil {
		return nil, err
	}
	strides, offset := in.Strides(), 0
	for k, a := range axes {
		_, s, err := sliceAxis(n, k, len(axes), a, ir.Known(in[a]))
		if err != nil {
			return nil, err
		}
		if s == nil {
			return nil, op.Unsupportedf("a Slice whose starts, ends or steps are not known")
		}
		offset += s.start * strides[a]
		strides[a] *= s.step
	}
	return bindStrided[T](n, offset, strides)
}

func gradSlice(g *op.Grad) {
	x := g.In(0)
	axes, err := sliceAxes(g.Node, x.Fact.Rank())
	if err != nil || axes == nil {
		g.Fail(op.Unsupportedf("the gradient of a Slice whose axes are not known"))
		return
	}
	if pads, ok := slicePads(g.Node, axes); ok {
		g.Set(0, g.Op("Pad", g.DOut(0), g.Ints(pads...)))
		return
	}
	d := g.DOut(0)
	for k := len(axes) - 1; k >= 0; k-- {
		d = unslice(g, d, k, axes[k])
	}
	g.Set(0, d)
}

// slicePads returns the zeros to put around dy where all steps are 1.
func slicePads(n *op.Node, axes []int) ([]int, bool) {
	shape := n.In(0).Shape
	pads := make([]int, 2*len(shape))
	for k, a := range axes {
		_, s, err := sliceAxis(n, k, len(axes), a, shape[a])
		if err != nil || s == nil || s.step != 1 {
			return nil, false
		}
		size, _ := shape[a].Int()
		pads[a], pads[len(shape)+a] = s.start, size-s.start-s.count
	}
	return pads, true
}

// unslice puts d along an axis at the indices that the k-th start, end and step chose.
func unslice(g *op.Grad, d *ir.Value, k, axis int) *ir.Value {
	x, b := g.In(0), g.Builder
	size := sizeOfAxis(b, x, axis)
	count := b.Squeeze(size, 0)
	ramp := b.Op("Range", b.Const(tensor.Scalar(int64(0))), count, b.Const(tensor.Scalar(int64(1))))
	pick := func(i int) *ir.Value { return b.Cast(b.Slice(g.In(i), 0, k, k+1), tensor.Int64) }
	step := b.Ints(1)
	if g.Node.HasIn(4) {
		step = pick(4)
	}
	index := b.Op("Slice", ramp, pick(1), pick(2), b.Ints(0), step)
	index = alongAxis(b, index, axis, x.Fact.Rank())
	zeros := zerosOf(b, d.Fact.DType, spliceShape(b, d, axis, size))
	return b.Emit(1, "ScatterElements", []*ir.Value{zeros, b.Expand(index, b.Shape(d)), d}, op.Attr("axis", axis))[0]
}
