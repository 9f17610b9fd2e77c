package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opReciprocal is y = 1 / x. dy/dx = -y*y.
var opReciprocal = &op.Def{
	Name: "Reciprocal", Since: 13,
	Doc:     "y = 1 / x.",
	In:      []op.Param{op.In("X", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("Y", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Reciprocal[float32], kernel.Reciprocal[float64]),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		y := g.Out(0)
		g.Set(0, g.Neg(g.Mul(g.DOut(0), g.Mul(y, y))))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}
