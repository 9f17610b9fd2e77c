package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opExp is y = e^x. dy/dx = y.
var opExp = &op.Def{
	Name: "Exp", Since: 13,
	Doc:     "y = e^x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Exp32, kernel.Exp[float64]),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		g.Set(0, g.Mul(g.DOut(0), g.Out(0)))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}
