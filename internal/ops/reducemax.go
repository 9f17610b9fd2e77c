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
	Kernels: op.Merge(reduceKernels(kernel.Max[float32](), kernel.Max[float64](), kernel.Max[int32](),
		kernel.Max[int64](), kernel.Max[uint32](), kernel.Max[uint64]()), op.Kernels{
		tensor.Int8: bindReduce(kernel.Max[int8]()), tensor.Uint8: bindReduce(kernel.Max[uint8]()), tensor.Bool: bindReduce(kernel.Any()),
	}),
	Grad: gradReduceExtreme,
	Old:  reduceExtremeOld("ReduceMax"),
}
