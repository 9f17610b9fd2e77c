package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opSinh is y = sinh x. dy/dx = cosh x.
var opSinh = &op.Def{
	Name: "Sinh", Since: 22,
	Doc:     "sinh x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Of[float32](math.Sinh), kernel.Of[float64](math.Sinh)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		g.Set(0, g.Mul(g.DOut(0), g.Op("Cosh", g.In(0))))
	},
	Old: []op.Version{{Since: 9, Types: op.Types{"T": op.FloatsIEEE}}},
}
