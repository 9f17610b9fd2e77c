package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opHardSwish is y = x * max(0, min(1, x/6 + 1/2)).
// dy/dx = x/3 + 1/2 where -3 < x < 3, 0 below and 1 above.
var opHardSwish = &op.Def{
	Name: "HardSwish", Since: 22,
	Doc:     "x * max(0, min(1, x/6 + 1/2)).",
	In:      []op.Param{op.In("X", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("Y", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.HardSwish[float32], kernel.HardSwish[float64]),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x, dy := g.In(0), g.DOut(0)
		mid := g.Mul(dy, g.AddScalar(g.Scale(x, 1./3), .5))
		below := g.Op("Less", x, g.Scalar(x, 3))
		above := g.Op("Greater", x, g.Scalar(x, -3))
		g.Set(0, g.Where(below, g.Where(above, mid, g.Scalar(x, 0)), dy))
	},
	Old: []op.Version{{Since: 14, Types: op.Types{"T": op.FloatsIEEE}}},
}
