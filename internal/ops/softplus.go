package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opSoftplus is y = ln(1 + e^x). dy/dx = sigmoid(x).
var opSoftplus = &op.Def{
	Name: "Softplus", Since: 22,
	Doc:     "ln(1 + e^x).",
	In:      []op.Param{op.In("X", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("Y", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Softplus32, kernel.Softplus[float64]),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		g.Set(0, g.Mul(g.DOut(0), g.Op("Sigmoid", g.In(0))))
	},
	Old: []op.Version{{Since: 1, Types: op.Types{"T": op.FloatsIEEE}}},
}
