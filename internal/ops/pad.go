package ops

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opPad puts elements before and after the data along each of the listed axes (all where none are
// listed): a constant, or what mode says: reflect mirrors without repeating the edge, edge repeats
// it, wrap goes on at the other end. A negative pad takes elements away, before anything is added.
//
// The gradient takes the padding away again; what was added from the data adds to where it came from.
var opPad = &op.Def{
	Name: "Pad", Since: 25,
	Doc: "The data with elements put before and after it along axes.",
	In: []op.Param{
		op.In("data", "T", op.Differentiable), op.In("pads", "int64", op.Zero),
		op.Opt("constant_value", "T", op.Differentiable), op.Opt("axes", "Tind", op.Zero),
	},
	Out:     []op.Param{op.Out("output", "T")},
	Attrs:   []op.AttrDef{op.Str("mode", "constant")},
	Types:   op.Types{"Tind": op.Index},
	Infer:   inferPad,
	Kernels: moved(allTypes, bindPad[uint8], bindPad[uint16], bindPad[uint32], bindPad[uint64], bindPad[wide16], bindPad[string]),
	Grad:    gradPad,
	Old: []op.Version{
		{Since: 24, Types: op.Types{"T": types24}},
		{Since: 23, Types: op.Types{"T": types23}},
		{Since: 21, Types: op.Types{"T": types21}},
		{Since: 19, Types: op.Types{"T": types13}},
		{Since: 18, Types: op.Types{"T": types13}, Expand: expandPadNoWrap, Fits: fitsPadNoWrap},
		{Since: 13, Types: op.Types{"T": types13}, In: inPad11, Expand: expandPadNoWrap, Fits: fitsPadNoWrap},
		{Since: 11, Types: op.Types{"T": without(plainTypes(op.AllClassic), tensor.Bool)}, In: inPad11, Expand: expandPadNoWrap, Fits: fitsPadNoWrap},
		{
			Since: 2, Types: op.Types{"T": op.FloatsIEEE}, In: inT("data"), Expand: expandPad2,
			Attrs: []op.AttrDef{op.Str("mode", "constant"), op.Need("pads", op.IntsKind), op.Float("value", 0)},
		},
	},
}

var inPad11 = []op.Param{
	op.In("data", "T", op.Differentiable), op.In("pads", "int64", op.Zero), op.Opt("constant_value", "T", op.Differentiable),
}

// expandPadNoWrap is Pad before opset 19, which brought wrap.
func expandPadNoWrap(b *op.Builder, n *op.Node) []*ir.Value {
	if n.Str("mode") == "wrap" {
		b.Fail(op.Unsupportedf("mode wrap before opset 19"))
	}
	return b.Emit(1, "Pad", n.Node.In, op.Attr("mode", n.Str("mode")))
}

func fitsPadNoWrap(n *op.Node) bool { return n.Str("mode") != "wrap" }

func expandPad2(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	in := []*ir.Value{x, b.Ints(n.Ints("pads")...), nil}
	if n.Float("value") != 0 {
		in[2] = b.Scalar(x, float64(n.Float("value")))
	}
	if n.Str("mode") == "wrap" {
		b.Fail(op.Unsupportedf("mode wrap before opset 19"))
	}
	return b.Emit(1, "Pad", in, op.Attr("mode", n.Str("mode")))
}

// padding is what a Pad does along one axis.
type padding struct{ axis, before, after int }

// paddings returns the pads by listed axis; nil where they are not known.
func paddings(n *op.Node, rank int) ([]padding, error) {
	if !slices.Contains([]string{"constant", "reflect", "edge", "wrap"}, n.Str("mode")) {
		return nil, op.Unsupportedf("mode %q", n.Str("mode"))
	}
	if f := n.In(2); n.HasIn(2) && f.Ranked {
		if k, ok := f.Shape.Size().Int(); ok && k != 1 {
			return nil, op.Shapef("constant_value is %v, expected one element", f)
		}
	}
	axes := make([]int, rank)
	for i := range axes {
		axes[i] = i
	}
	if n.HasIn(3) {
		listed, ok := n.ConstInts(3)
		if !ok {
			return nil, nil
		}
		var err error
		if axes, err = op.ResolveAxes(listed, rank); err != nil {
			return nil, err
		}
	}
	if k, ok := rankFromVector(n.In(1)); ok && k != 2*len(axes) || n.In(1).Ranked && len(n.In(1).Shape) != 1 {
		return nil, op.Shapef("pads is %v, expected %d elements", n.In(1), 2*len(axes))
	}
	pads, ok := n.ConstInts(1)
	if !ok {
		return nil, nil
	}
	out := make([]padding, len(axes))
	for i, a := range axes {
		const limit = min(1<<48, math.MaxInt>>1)
		before, after := pads[i], pads[len(axes)+i]
		if max(before, after) > limit || min(before, after) < -limit {
			return nil, op.Shapef("pads %d and %d at axis %d", before, after, a)
		}
		out[i] = padding{a, before, after}
	}
	return out, nil
}

func inferPad(n *op.Node) error {
	x := n.In(0)
	if !x.Ranked {
		return nil
	}
	pads, err := paddings(n, len(x.Shape))
	if err != nil {
		return err
	}
	out := append(ir.Shape{}, x.Shape...)
	if pads == nil {
		out = unknownShape(len(x.Shape))
	}
	for _, p := range pads {
		out[p.axis] = out[p.axis].Add(ir.Known(p.before + p.after))
		size, ok := x.Shape[p.axis].Int()
		if !ok {
			continue
		}
		if size+p.before+p.after < 0 {
			return op.Shapef("pads %d and %d take more than axis %d of %v has", p.before, p.after, p.axis, x)
		}
		if kept := size + min(p.before, 0) + min(p.after, 0); n.Str("mode") != "constant" && kept <= 0 && max(p.before, p.after) > 0 {
			return op.Shapef("mode %s at axis %d of %v: there is nothing to take from", n.Str("mode"), p.axis, x)
		}
	}
	n.SetShape(0, out)
	return nil
}

// padMap returns for each coordinate along an axis of the result which one of the data it comes from.
func padMap(mode string, size int, p padding) []int {
	first, kept := max(-p.before, 0), size+min(p.before, 0)+min(p.after, 0)
	m := make([]int, size+p.before+p.after)
	for i := range m {
		k := i - max(p.before, 0) // among those kept
		switch {
		case mode == "constant":
			if k = i - p.before; k < 0 || k >= size {
				m[i] = -1
				continue
			}
			m[i] = k
			continue
		case mode == "edge":
			k = min(max(k, 0), kept-1)
		case mode == "wrap":
			k = wrapMod(k, kept)
		case kept == 1:
			k = 0
		default: // reflect
			if k = wrapMod(k, 2*kept-2); k >= kept {
				k = 2*kept - 2 - k
			}
		}
		m[i] = first + k
	}
	return m
}

func wrapMod(a, b int) int { return (a%b + b) % b }

func bindPad[T any](n *op.Node) (op.Kernel, error) {
	in, out := n.InShape(0), n.OutShape(0)
	if out.Len() == 0 {
		return func(*op.Call) error { return nil }, nil
	}
	pads, err := paddings(n, len(in))
	if err != nil {
		return nil, err
	}
	if pads == nil {
		return nil, op.Unsupportedf("a Pad whose pads or axes are not known")
	}
	by := make([]padding, len(in))
	last := -1
	for _, p := range pads {
		if by[p.axis] = p; p.before != 0 || p.after != 0 {
			last = max(last, p.axis)
		}
	}
	maps := make([][]int, last+1)
	for a := range maps {
		maps[a] = padMap(n.Str("mode"), in[a], by[a])
		stride := in[a+1:].Len()
		for i, k := range maps[a] {
			if k >= 0 {
				maps[a][i] = k * stride
			}
		}
	}
	k := kernel.NewPad[T](maps, in[last+1:].Len())
	return func(c *op.Call) error {
		var v T
		if len(c.In) > 2 && c.In[2] != nil {
			v = words[T](c.In[2])[0]
		}
		k.Run(c.Pool, words[T](c.Out[0]), words[T](c.In[0]), v)
		return nil
	}, nil
}

func gradPad(g *op.Grad) {
	x, dy := g.In(0), g.DOut(0)
	if g.Node.Str("mode") == "constant" {
		var axes *ir.Value
		if g.Node.HasIn(3) {
			axes = g.In(3)
		}
		d := g.Emit(1, "Pad", []*ir.Value{dy, g.Neg(g.In(1)), nil, axes})[0]
		g.Set(0, d)
		if g.Need(2) {
			g.Set(2, g.Reshape(g.Sub(g.Sum(dy, false), g.Sum(d, false)), g.Shape(g.In(2))))
		}
		return
	}
	pads, err := paddings(g.Node, x.Fact.Rank())
	if err != nil || pads == nil {
		g.Fail(op.Unsupportedf("the gradient of a Pad in mode %s whose pads are not known", g.Node.Str("mode")))
		return
	}
	for _, p := range pads {
		if p.before != 0 || p.after != 0 {
			dy = unpad(g, dy, p)
		}
	}
	g.Set(0, dy)
	if g.Need(2) {
		g.Set(2, zerosLike(g.Builder, g.In(2)))
	}
}

// unpad adds what lies in the padding along an axis to where it came from.
func unpad(g *op.Grad, d *ir.Value, p padding) *ir.Value {
	b, x := g.Builder, g.In(0)
	size := sizeOfAxis(b, x, p.axis)
	ramp := b.Op("Range", b.Const(tensor.Scalar[int64](0)), b.Squeeze(size, 0), b.Const(tensor.Scalar[int64](1)))
	index := b.Emit(1, "Pad", []*ir.Value{ramp, b.Ints(p.before, p.after)}, op.Attr("mode", g.Node.Str("mode")))[0]
	index = alongAxis(b, index, p.axis, x.Fact.Rank())
	zeros := zerosOf(b, d.Fact.DType, spliceShape(b, d, p.axis, size))
	return scatterAdd(b, zeros, b.Expand(index, b.Shape(d)), d, p.axis)
}

// alongAxis gives a vector the given rank, with its elements along one axis.
func alongAxis(b *op.Builder, v *ir.Value, axis, rank int) *ir.Value {
	var others []int
	for i := range rank {
		if i != axis {
			others = append(others, i)
		}
	}
	if len(others) == 0 {
		return v
	}
	return b.Unsqueeze(v, others...)
}
