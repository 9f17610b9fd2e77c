package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opReduceMax is the greatest element over some axes, NaN where one is; of nothing it is the type's
// least value, of bools whether one holds.
// dx = dy where x is the greatest, shared equally where several are.
var opReduceMax = &op.Def{
	Name: "ReduceMax", Since: 20,
	Doc: "Greatest element over axes.",
	In:  reduceIn, Out: reduceOut, Attrs: reduceAttrs,
	Infer: inferReduce,
	Kernels: op.Merge(reduceKernels(kernel.Greatest[float32](), kernel.Greatest[float64](), kernel.Greatest[int32](),
		kernel.Greatest[int64](), kernel.Greatest[uint32](), kernel.Greatest[uint64]()), op.Kernels{
		tensor.Int8: bindReduce(kernel.Greatest[int8]()), tensor.Uint8: bindReduce(kernel.Greatest[uint8]()), tensor.Bool: bindReduce(kernel.Any()),
	}),
	Grad: gradReduceExtreme,
	Old:  reduceExtremeOld("ReduceMax"),
}
