package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opSwish is y = x * s with s = sigmoid(alpha*x). dy/dx = s + alpha*y*(1 - s).
var opSwish = &op.Def{
	Name: "Swish", Since: 24,
	Doc:   "x * sigmoid(alpha*x).",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Float("alpha", 1)},
	Infer: op.InferSame,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unaryBy(func(n *op.Node) func(d, x []float32) { return kernel.Swish32(float64(n.Float("alpha"))) }),
		tensor.Float64: unaryBy(func(n *op.Node) func(d, x []float64) { return kernel.Swish[float64](float64(n.Float("alpha"))) }),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x, alpha := g.In(0), float64(g.Node.Float("alpha"))
		s := g.Op("Sigmoid", g.Scale(x, alpha))
		slope := g.Scale(g.Mul(g.Out(0), g.Sub(g.Scalar(x, 1), s)), alpha)
		g.Set(0, g.Mul(g.DOut(0), g.Add(s, slope)))
	},
}
