package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opMin is the least of its inputs, element by element; NaN wins over numbers.
// The gradient goes to the first input that has the result.
var opMin = &op.Def{
	Name: "Min", Since: 13,
	Doc:   "The least of the inputs, element by element, with broadcasting.",
	In:    []op.Param{op.Many("data_0", "T", 1, op.Differentiable)},
	Out:   []op.Param{op.Out("min", "T")},
	Infer: op.InferBroadcast,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: variadic(kernel.Min[float32]), tensor.Float64: variadic(kernel.Min[float64]),
		tensor.Int8: variadic(kernel.Min[int8]), tensor.Int16: variadic(kernel.Min[int16]),
		tensor.Int32: variadic(kernel.Min[int32]), tensor.Int64: variadic(kernel.Min[int64]),
		tensor.Uint8: variadic(kernel.Min[uint8]), tensor.Uint16: variadic(kernel.Min[uint16]),
		tensor.Uint32: variadic(kernel.Min[uint32]), tensor.Uint64: variadic(kernel.Min[uint64]),
	}),
	Grad: gradFirst,
	Old: []op.Version{
		{Since: 12, Types: op.Types{"T": numbers7}},
		{Since: 8, Types: op.Types{"T": op.FloatsIEEE}},
		{Since: 6, Types: op.Types{"T": op.FloatsIEEE}, Expand: expandSameShape("Min")},
	},
}
