package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opSigmoid is y = 1 / (1 + e^-x). dy/dx = y(1-y).
var opSigmoid = &op.Def{
	Name: "Sigmoid", Since: 13,
	Doc:     "y = 1 / (1 + e^-x).",
	In:      []op.Param{op.In("X", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("Y", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Sigmoid32, kernel.Sigmoid[float64]),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		y := g.Out(0)
		g.Set(0, g.Mul(g.DOut(0), g.Mul(y, g.Sub(g.Scalar(y, 1), y))))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}
