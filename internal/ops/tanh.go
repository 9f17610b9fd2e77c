package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opTanh is y = tanh x. dy/dx = 1 - y*y.
var opTanh = &op.Def{
	Name: "Tanh", Since: 13,
	Doc:     "y = tanh x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Tanh32, kernel.Tanh[float64]),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		y := g.Out(0)
		g.Set(0, g.Mul(g.DOut(0), g.Sub(g.Scalar(y, 1), g.Mul(y, y))))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}
