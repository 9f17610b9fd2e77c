package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opReduceL1 is the sum of absolute values over some axes; integers wrap around. dx = dy*sign(x).
var opReduceL1 = &op.Def{
	Name: "ReduceL1", Since: 18,
	Doc: "Sum of absolute values over axes.",
	In:  reduceIn, Out: reduceOut, Attrs: reduceAttrs,
	Infer: inferReduce,
	Kernels: reduceKernels(kernel.SumAbs[float32](), kernel.SumAbs[float64](), kernel.SumAbs[int32](),
		kernel.SumAbs[int64](), kernel.SumAbs[uint32](), kernel.SumAbs[uint64]()),
	Grad: func(g *op.Grad) {
		g.Set(0, g.Mul(unreduce(g, g.DOut(0)), g.Op("Sign", g.In(0))))
	},
	Old: reduceOld("ReduceL1", map[int][]tensor.DType{1: reduceTypes, 11: reduceTypes, 13: reduceTypes13}),
}
