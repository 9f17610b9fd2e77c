package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opLeakyRelu is y = x, or alpha*x where x < 0. dy/dx = 1, or alpha where x < 0.
var opLeakyRelu = &op.Def{
	Name: "LeakyRelu", Since: 16,
	Doc:   "x, or alpha*x where x < 0.",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Float("alpha", .01)},
	Infer: inferFinite("alpha"),
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unaryBy(func(n *op.Node) func(d, x []float32) { return kernel.LeakyRelu(float32(n.Float("alpha"))) }),
		tensor.Float64: unaryBy(func(n *op.Node) func(d, x []float64) { return kernel.LeakyRelu(float64(n.Float("alpha"))) }),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x, dy := g.In(0), g.DOut(0)
		down := g.Op("Less", x, g.Scalar(x, 0))
		g.Set(0, g.Where(down, g.Scale(dy, float64(g.Node.Float("alpha"))), dy))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}
