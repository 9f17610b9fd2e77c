package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opAcos is y = arccos x, NaN where |x| > 1. dy/dx = -1 / sqrt(1 - x*x).
var opAcos = &op.Def{
	Name: "Acos", Since: 22,
	Doc:     "arccos x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Of[float32](math.Acos), kernel.Of[float64](math.Acos)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x := g.In(0)
		root := g.Op("Sqrt", g.Sub(g.Scalar(x, 1), g.Mul(x, x)))
		g.Set(0, g.Neg(g.Div(g.DOut(0), root)))
	},
	Old: []op.Version{{Since: 7, Types: op.Types{"T": op.FloatsIEEE}}},
}
