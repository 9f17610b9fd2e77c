package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opAcosh is y = arcosh x, NaN where x < 1. dy/dx = 1 / (sqrt(x-1) * sqrt(x+1)).
var opAcosh = &op.Def{
	Name: "Acosh", Since: 22,
	Doc:     "arcosh x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Of[float32](math.Acosh), kernel.Of[float64](math.Acosh)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x := g.In(0)
		root := g.Mul(g.Op("Sqrt", g.AddScalar(x, -1)), g.Op("Sqrt", g.AddScalar(x, 1)))
		g.Set(0, g.Div(g.DOut(0), root))
	},
	Old: []op.Version{{Since: 9, Types: op.Types{"T": op.FloatsIEEE}}},
}
