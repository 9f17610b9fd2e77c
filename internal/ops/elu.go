package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opElu is y = x, or alpha*(e^x - 1) where x <= 0. dy/dx = 1, or y + alpha where x <= 0.
var opElu = &op.Def{
	Name: "Elu", Since: 22,
	Doc:   "x, or alpha*(e^x - 1) where x < 0.",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Float("alpha", 1)},
	Infer: inferFinite("alpha"),
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unaryBy(func(n *op.Node) func(d, x []float32) { return kernel.Elu32(float64(n.Float("alpha")), 1, 1) }),
		tensor.Float64: unaryBy(func(n *op.Node) func(d, x []float64) { return kernel.Elu[float64](float64(n.Float("alpha")), 1, 1) }),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		alpha := float64(g.Node.Float("alpha"))
		gradElu(g, g.DOut(0), g.AddScalar(g.Out(0), alpha))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}

// gradElu sets the gradient that is above where x > 0 and dy*below elsewhere.
func gradElu(g *op.Grad, above, below *ir.Value) {
	x := g.In(0)
	up := g.Op("Greater", x, g.Scalar(x, 0))
	g.Set(0, g.Where(up, above, g.Mul(g.DOut(0), below)))
}
