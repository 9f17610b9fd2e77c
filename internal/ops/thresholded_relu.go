package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opThresholdedRelu is y = x where x > alpha, else 0. dy/dx = 1 or 0 likewise.
var opThresholdedRelu = &op.Def{
	Name: "ThresholdedRelu", Since: 22,
	Doc:   "x where x > alpha, else 0.",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Float("alpha", 1)},
	Infer: op.InferSame,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unaryBy(func(n *op.Node) func(d, x []float32) { return kernel.ThresholdedRelu(float32(n.Float("alpha"))) }),
		tensor.Float64: unaryBy(func(n *op.Node) func(d, x []float64) { return kernel.ThresholdedRelu(float64(n.Float("alpha"))) }),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x := g.In(0)
		up := g.Op("Greater", x, g.Scalar(x, float64(g.Node.Float("alpha"))))
		g.Set(0, g.Where(up, g.DOut(0), g.Scalar(x, 0)))
	},
	Old: []op.Version{{Since: 10, Types: op.Types{"T": op.FloatsIEEE}}},
}
