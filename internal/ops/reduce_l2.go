package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opReduceL2 is the square root of the sum of squares over some axes, cut off for integers.
// dx = dy*x/y, 0 where y is.
var opReduceL2 = &op.Def{
	Name: "ReduceL2", Since: 18,
	Doc: "Euclidean norm over axes.",
	In:  reduceIn, Out: reduceOut, Attrs: reduceAttrs,
	Infer: inferReduce,
	Kernels: reduceKernels(kernel.Norm[float32](), kernel.Norm[float64](), kernel.Norm[int32](),
		kernel.Norm[int64](), kernel.Norm[uint32](), kernel.Norm[uint64]()),
	Grad: func(g *op.Grad) {
		y := g.Out(0)
		y = g.Where(g.Op("Equal", y, g.Scalar(y, 0)), g.Scalar(y, 1), y)
		g.Set(0, g.Mul(g.In(0), unreduce(g, g.Div(g.DOut(0), y))))
	},
	Old: reduceOld("ReduceL2", map[int][]tensor.DType{1: reduceTypes, 11: reduceTypes, 13: reduceTypes13}),
}
