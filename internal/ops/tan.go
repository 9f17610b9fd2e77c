package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opTan is y = tan x. dy/dx = 1 + y*y.
var opTan = &op.Def{
	Name: "Tan", Since: 22,
	Doc:     "tan x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Of[float32](math.Tan), kernel.Of[float64](math.Tan)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		y := g.Out(0)
		g.Set(0, g.Mul(g.DOut(0), g.AddScalar(g.Mul(y, y), 1)))
	},
	Old: []op.Version{{Since: 7, Types: op.Types{"T": op.FloatsIEEE}}},
}
