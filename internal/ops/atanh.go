package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opAtanh is y = artanh x, NaN where |x| > 1. dy/dx = 1 / (1 - x*x).
var opAtanh = &op.Def{
	Name: "Atanh", Since: 22,
	Doc:     "artanh x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Of[float32](math.Atanh), kernel.Of[float64](math.Atanh)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x := g.In(0)
		g.Set(0, g.Div(g.DOut(0), g.Sub(g.Scalar(x, 1), g.Mul(x, x))))
	},
	Old: []op.Version{{Since: 9, Types: op.Types{"T": op.FloatsIEEE}}},
}
