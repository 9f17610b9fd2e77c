package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opLog is y = ln x, NaN where x < 0 and -inf at 0. dy/dx = 1/x.
var opLog = &op.Def{
	Name: "Log", Since: 13,
	Doc:     "y = ln x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Log32, kernel.Log[float64]),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		g.Set(0, g.Div(g.DOut(0), g.In(0)))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}
