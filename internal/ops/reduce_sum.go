package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opReduceSum is the sum over some axes; integers wrap around, the sum of nothing is 0.
// dx = dy, broadcast to x.
var opReduceSum = &op.Def{
	Name: "ReduceSum", Since: 13,
	Doc: "Sum over axes.",
	In:  reduceIn, Out: reduceOut, Attrs: reduceAttrs,
	Infer: inferReduce,
	Kernels: reduceKernels(kernel.Sum[float32](), kernel.Sum[float64](), kernel.Sum[int32](),
		kernel.Sum[int64](), kernel.Sum[uint32](), kernel.Sum[uint64]()),
	Grad: func(g *op.Grad) { g.Set(0, g.Expand(unreduce(g, g.DOut(0)), g.Shape(g.In(0)))) },
	Old:  reduceOld("ReduceSum", map[int][]tensor.DType{1: reduceTypes, 11: reduceTypes}),
}
