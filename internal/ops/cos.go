package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opCos is y = cos x. dy/dx = -sin x.
var opCos = &op.Def{
	Name: "Cos", Since: 22,
	Doc:     "cos x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Of[float32](math.Cos), kernel.Of[float64](math.Cos)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		g.Set(0, g.Neg(g.Mul(g.DOut(0), g.Op("Sin", g.In(0)))))
	},
	Old: []op.Version{{Since: 7, Types: op.Types{"T": op.FloatsIEEE}}},
}
