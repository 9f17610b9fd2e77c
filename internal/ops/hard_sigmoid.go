package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opHardSigmoid is y = max(0, min(1, alpha*x + beta)). dy/dx = alpha where 0 < y < 1, else 0.
var opHardSigmoid = &op.Def{
	Name: "HardSigmoid", Since: 22,
	Doc:   "max(0, min(1, alpha*x + beta)).",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Float("alpha", .2), op.Float("beta", .5)},
	Infer: op.InferSame,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unaryBy(func(n *op.Node) func(d, x []float32) {
			return kernel.HardSigmoid(float32(n.Float("alpha")), float32(n.Float("beta")))
		}),
		tensor.Float64: unaryBy(func(n *op.Node) func(d, x []float64) {
			return kernel.HardSigmoid(float64(n.Float("alpha")), float64(n.Float("beta")))
		}),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		y, dy := g.Out(0), g.DOut(0)
		zero := g.Scalar(y, 0)
		in := g.Op("And", g.Op("Greater", y, zero), g.Op("Less", y, g.Scalar(y, 1)))
		g.Set(0, g.Where(in, g.Scale(dy, float64(g.Node.Float("alpha"))), zero))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}
