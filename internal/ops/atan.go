package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opAtan is y = arctan x. dy/dx = 1 / (1 + x*x).
var opAtan = &op.Def{
	Name: "Atan", Since: 22,
	Doc:     "arctan x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Of[float32](math.Atan), kernel.Of[float64](math.Atan)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x := g.In(0)
		g.Set(0, g.Div(g.DOut(0), g.AddScalar(g.Mul(x, x), 1)))
	},
	Old: []op.Version{{Since: 7, Types: op.Types{"T": op.FloatsIEEE}}},
}
