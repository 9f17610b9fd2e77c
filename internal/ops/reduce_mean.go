package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opReduceMean is the mean over some axes; integers are divided towards zero, the mean of nothing is
// NaN. dx = dy/n, broadcast to x.
var opReduceMean = &op.Def{
	Name: "ReduceMean", Since: 18,
	Doc: "Mean over axes.",
	In:  reduceIn, Out: reduceOut, Attrs: reduceAttrs,
	Infer: inferReduce,
	Kernels: reduceKernels(kernel.Mean[float32](), kernel.Mean[float64](), kernel.Mean[int32](),
		kernel.Mean[int64](), kernel.Mean[uint32](), kernel.Mean[uint64]()),
	Grad: func(g *op.Grad) {
		d := g.Div(unreduce(g, g.DOut(0)), reducedCount(g))
		g.Set(0, g.Expand(d, g.Shape(g.In(0))))
	},
	Old: reduceOld("ReduceMean", map[int][]tensor.DType{1: reduceTypes, 11: reduceTypes, 13: reduceTypes13}),
}
