package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opReduceMin is the least element over some axes, NaN where one is; of nothing it is the type's
// greatest value, of bools whether all hold.
// dx = dy where x is the least, shared equally where several are.
var opReduceMin = &op.Def{
	Name: "ReduceMin", Since: 20,
	Doc: "Least element over axes.",
	In:  reduceIn, Out: reduceOut, Attrs: reduceAttrs,
	Infer: inferReduce,
	Kernels: op.Merge(reduceKernels(kernel.Least[float32](), kernel.Least[float64](), kernel.Least[int32](),
		kernel.Least[int64](), kernel.Least[uint32](), kernel.Least[uint64]()), op.Kernels{
		tensor.Int8: bindReduce(kernel.Least[int8]()), tensor.Uint8: bindReduce(kernel.Least[uint8]()), tensor.Bool: bindReduce(kernel.All()),
	}),
	Grad: gradReduceExtreme,
	Old:  reduceExtremeOld("ReduceMin"),
}
