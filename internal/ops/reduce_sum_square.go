package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opReduceSumSquare is the sum of squares over some axes; integers wrap around. dx = 2*dy*x.
var opReduceSumSquare = &op.Def{
	Name: "ReduceSumSquare", Since: 18,
	Doc: "Sum of squares over axes.",
	In:  reduceIn, Out: reduceOut, Attrs: reduceAttrs,
	Infer: inferReduce,
	Kernels: reduceKernels(kernel.SumSquare[float32](), kernel.SumSquare[float64](), kernel.SumSquare[int32](),
		kernel.SumSquare[int64](), kernel.SumSquare[uint32](), kernel.SumSquare[uint64]()),
	Grad: func(g *op.Grad) {
		g.Set(0, g.Mul(g.In(0), unreduce(g, g.Scale(g.DOut(0), 2))))
	},
	Old: reduceOld("ReduceSumSquare", map[int][]tensor.DType{1: reduceTypes, 11: reduceTypes, 13: reduceTypes13}),
}
