package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opAsinh is y = arsinh x. dy/dx = 1 / sqrt(x*x + 1).
var opAsinh = &op.Def{
	Name: "Asinh", Since: 22,
	Doc:     "arsinh x.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Of[float32](math.Asinh), kernel.Of[float64](math.Asinh)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x := g.In(0)
		root := g.Op("Sqrt", g.AddScalar(g.Mul(x, x), 1))
		g.Set(0, g.Div(g.DOut(0), root))
	},
	Old: []op.Version{{Since: 9, Types: op.Types{"T": op.FloatsIEEE}}},
}
