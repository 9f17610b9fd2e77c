package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opCosh is y = cosh x. dy/dx = sinh x.
var opCosh = &op.Def{
	Name: "Cosh", Since: 22,
	Doc:     "cosh x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Of[float32](math.Cosh), kernel.Of[float64](math.Cosh)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		g.Set(0, g.Mul(g.DOut(0), g.Op("Sinh", g.In(0))))
	},
	Old: []op.Version{{Since: 9, Types: op.Types{"T": op.FloatsIEEE}}},
}
