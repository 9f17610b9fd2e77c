package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opMish is y = x * tanh(softplus(x)).
// With t = tanh(softplus(x)), dy/dx = t + x*sigmoid(x)*(1 - t*t).
var opMish = &op.Def{
	Name: "Mish", Since: 22,
	Doc:     "x * tanh(ln(1 + e^x)).",
	In:      []op.Param{op.In("X", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("Y", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Mish32, kernel.Mish[float64]),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x := g.In(0)
		t := g.Op("Tanh", g.Op("Softplus", x))
		slope := g.Mul(g.Mul(x, g.Op("Sigmoid", x)), g.Sub(g.Scalar(x, 1), g.Mul(t, t)))
		g.Set(0, g.Mul(g.DOut(0), g.Add(t, slope)))
	},
	Old: []op.Version{{Since: 18, Types: op.Types{"T": op.FloatsIEEE}}},
}
