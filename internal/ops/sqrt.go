package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opSqrt is y = sqrt(x), NaN where x < 0. dy/dx = 1 / 2y.
var opSqrt = &op.Def{
	Name: "Sqrt", Since: 13,
	Doc:     "y = sqrt(x).",
	In:      []op.Param{op.In("X", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("Y", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Sqrt[float32], kernel.Sqrt[float64]),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		g.Set(0, g.Div(g.Scale(g.DOut(0), .5), g.Out(0)))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}
