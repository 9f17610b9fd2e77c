package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opSoftsign is y = x / (1 + |x|). dy/dx = 1 / (1 + |x|)^2.
var opSoftsign = &op.Def{
	Name: "Softsign", Since: 22,
	Doc:     "x / (1 + |x|).",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Softsign[float32], kernel.Softsign[float64]),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		a := g.AddScalar(g.Op("Abs", g.In(0)), 1)
		g.Set(0, g.Div(g.DOut(0), g.Mul(a, a)))
	},
	Old: []op.Version{{Since: 1, Types: op.Types{"T": op.FloatsIEEE}}},
}
