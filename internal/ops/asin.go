package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opAsin is y = arcsin x, NaN where |x| > 1. dy/dx = 1 / sqrt(1 - x*x).
var opAsin = &op.Def{
	Name: "Asin", Since: 22,
	Doc:     "arcsin x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Of[float32](math.Asin), kernel.Of[float64](math.Asin)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x := g.In(0)
		root := g.Op("Sqrt", g.Sub(g.Scalar(x, 1), g.Mul(x, x)))
		g.Set(0, g.Div(g.DOut(0), root))
	},
	Old: []op.Version{{Since: 7, Types: op.Types{"T": op.FloatsIEEE}}},
}
