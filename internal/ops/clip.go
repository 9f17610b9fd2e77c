package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opClip is y = min(max(x, min), max); an absent bound does not bind, and max wins over min.
// The gradient goes to x within the bounds, bounds included, elsewhere to the bound that holds.
var opClip = &op.Def{
	Name: "Clip", Since: 13,
	Doc: "x limited to the range from min to max.",
	In: []op.Param{op.In("input", "T", op.Differentiable), op.Opt("min", "T", op.Differentiable),
		op.Opt("max", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("output", "T")},
	Infer: inferClip,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindClip(float32(math.Inf(-1)), float32(math.Inf(1))),
		tensor.Float64: bindClip(math.Inf(-1), math.Inf(1)),
		tensor.Int8:    bindClip[int8](math.MinInt8, math.MaxInt8),
		tensor.Int16:   bindClip[int16](math.MinInt16, math.MaxInt16),
		tensor.Int32:   bindClip[int32](math.MinInt32, math.MaxInt32),
		tensor.Int64:   bindClip[int64](math.MinInt64, math.MaxInt64),
		tensor.Uint8:   bindClip[uint8](0, math.MaxUint8),
		tensor.Uint16:  bindClip[uint16](0, math.MaxUint16),
		tensor.Uint32:  bindClip[uint32](0, math.MaxUint32),
		tensor.Uint64:  bindClip[uint64](0, math.MaxUint64),
	}),
	InPlace: []int{0},
	Grad:    gradClip,
	Old: []op.Version{
		{Since: 12, Types: op.Types{"T": numbers7}},
		{Since: 11, Types: op.Types{"T": op.FloatsIEEE}},
		{
			Since: 6, Types: op.Types{"T": op.FloatsIEEE},
			In:     []op.Param{op.In("input", "T", op.Differentiable)},
			Attrs:  []op.AttrDef{op.Float("max", math.MaxFloat32), op.Float("min", -math.MaxFloat32)},
			Expand: expandClip6,
		},
	},
}

// expandClip6 makes the bounds, which were attributes, inputs.
func expandClip6(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	lo, hi := b.Scalar(x, float64(n.Float("min"))), b.Scalar(x, float64(n.Float("max")))
	return []*ir.Value{b.Op("Clip", x, lo, hi)}
}

func inferClip(n *op.Node) error {
	for i := 1; i < n.NumIn(); i++ {
		if f := n.In(i); n.HasIn(i) && (f.Rank() > 1 || f.Ranked && f.Shape.Size().Differ(ir.Known(1))) {
			return op.Shapef("%s is %v, expected a scalar", n.Def.In[i].Name, f)
		}
	}
	return op.InferSame(n)
}

func bindClip[T tensor.Number](least, most T) op.Bind {
	return func(*op.Node) (op.Kernel, error) {
		k := kernel.NewUnaryWith(kernel.Clip[T])
		return func(c *op.Call) error {
			b := kernel.Bounds[T]{Lo: least, Hi: most}
			if s := op.Arg[T](c, 1); s != nil {
				b.Lo = s[0]
			}
			if s := op.Arg[T](c, 2); s != nil {
				b.Hi = s[0]
			}
			k.Run(c.Pool, op.Result[T](c, 0), op.Arg[T](c, 0), b)
			return nil
		}, nil
	}
}

// gradClip peels the bounds off from the outside: the upper one first, as it wins.
func gradClip(g *op.Grad) {
	x, lo, hi, dy := g.In(0), g.In(1), g.In(2), g.DOut(0)
	zero := g.Scalar(x, 0)
	inner := x
	if lo != nil && hi != nil {
		inner = g.Op("Max", x, lo)
	}
	if hi != nil {
		over := g.Op("Greater", inner, hi)
		if g.Need(2) {
			g.SetBroadcast(2, g.Where(over, dy, zero))
		}
		dy = g.Where(over, zero, dy)
	}
	if lo != nil {
		under := g.Op("Less", x, lo)
		if g.Need(1) {
			g.SetBroadcast(1, g.Where(under, dy, zero))
		}
		dy = g.Where(under, zero, dy)
	}
	g.Set(0, dy)
}
