package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opSin is y = sin x. dy/dx = cos x.
var opSin = &op.Def{
	Name: "Sin", Since: 22,
	Doc:     "sin x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Of[float32](math.Sin), kernel.Of[float64](math.Sin)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		g.Set(0, g.Mul(g.DOut(0), g.Op("Cos", g.In(0))))
	},
	Old: []op.Version{{Since: 7, Types: op.Types{"T": op.FloatsIEEE}}},
}
