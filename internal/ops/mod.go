package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opMod is z = x - floor(x/y)*y, with the sign of y, or where fmod is 1 x - trunc(x/y)*y, with the
// sign of x. Integers modulo 0 are an error, floating-point numbers NaN.
// dz/dx = 1 and dz/dy = -q, where q is the quotient rounded down or towards zero.
var opMod = &op.Def{
	Name: "Mod", Since: 28,
	Doc:   "The remainder of x / y with the sign of y, or where fmod is 1 that of x, with broadcasting.",
	In:    []op.Param{op.In("A", "T", op.Differentiable), op.In("B", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("C", "T")},
	Attrs: []op.AttrDef{op.Int("fmod", 0)},
	Infer: inferMod,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: mod(binary(kernel.ModFloat[float32]), binary(kernel.RemFloat[float32])),
		tensor.Float64: mod(binary(kernel.ModFloat[float64]), binary(kernel.RemFloat[float64])),
		tensor.Int8:    modInt[int8](), tensor.Int16: modInt[int16](),
		tensor.Int32: modInt[int32](), tensor.Int64: modInt[int64](),
		tensor.Uint8: modInt[uint8](), tensor.Uint16: modInt[uint16](),
		tensor.Uint32: modInt[uint32](), tensor.Uint64: modInt[uint64](),
	}),
	InPlace: []int{0, 1},
	Grad: func(g *op.Grad) {
		x, y, dz := g.In(0), g.In(1), g.DOut(0)
		g.SetBroadcast(0, dz)
		if g.Need(1) {
			q := g.Op("Round", g.Div(g.Sub(x, g.Out(0)), y))
			g.SetBroadcast(1, g.Neg(g.Mul(dz, q)))
		}
	},
	Old: []op.Version{
		{Since: 13, Expand: expandMod13, Fits: fitsMod13},
		{Since: 10, Types: op.Types{"T": numbers7}, Expand: expandMod13, Fits: fitsMod13},
	},
}

func inferMod(n *op.Node) error {
	if f := n.Int("fmod"); f != 0 && f != 1 {
		return op.Malformedf("fmod is %d, expected 0 or 1", f)
	}
	return op.InferBroadcast(n)
}

// expandMod13 is Mod when floating-point numbers had to have fmod.
func expandMod13(b *op.Builder, n *op.Node) []*ir.Value {
	if t := n.In(0).DType; t.IsFloat() && n.Int("fmod") == 0 {
		b.Fail(op.Malformedf("fmod is 0, which Mod takes for %v from opset 28 on", t))
	}
	return b.Emit(1, "Mod", n.Node.In, op.Attr("fmod", n.Int("fmod")))
}

// fitsMod13 reports whether a Mod could be written before opset 28.
func fitsMod13(n *op.Node) bool { return n.Bool("fmod") || !n.In(0).DType.IsFloat() }

// mod binds by the attribute fmod.
func mod(floor, trunc op.Bind) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		if n.Bool("fmod") {
			return trunc(n)
		}
		return floor(n)
	}
}

func modInt[T tensor.Integer]() op.Bind {
	return mod(byNonZero(kernel.ModInt[T]), byNonZero(kernel.RemInt[T]))
}
