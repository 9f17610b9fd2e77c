package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opReduceLogSum is the logarithm of the sum over some axes. dx = dy/exp(y).
var opReduceLogSum = &op.Def{
	Name: "ReduceLogSum", Since: 28,
	Doc: "Logarithm of the sum over axes.",
	In:  reduceIn, Out: reduceOut, Attrs: reduceAttrs,
	Infer: inferReduce,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindReduce(kernel.LogSum[float32]()), tensor.Float64: bindReduce(kernel.LogSum[float64]()),
	}),
	Grad: func(g *op.Grad) {
		d := g.Div(g.DOut(0), g.Op("Exp", g.Out(0)))
		g.Set(0, g.Expand(unreduce(g, d), g.Shape(g.In(0))))
	},
	Old: reduceLogOld("ReduceLogSum"),
}
