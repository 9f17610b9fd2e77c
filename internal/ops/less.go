package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opLess is z = (x < y). The gradient is zero.
var opLess = &op.Def{
	Name: "Less", Since: 13,
	Doc:   "z = (x < y) with broadcasting.",
	In:    []op.Param{op.In("A", "T", op.Zero), op.In("B", "T", op.Zero)},
	Out:   []op.Param{op.Out("C", "T1")},
	Types: boolT1,
	Infer: op.InferBroadcast,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: binaryTo(kernel.Less[float32]), tensor.Float64: binaryTo(kernel.Less[float64]),
		tensor.Int8: binaryTo(kernel.Less[int8]), tensor.Int16: binaryTo(kernel.Less[int16]),
		tensor.Int32: binaryTo(kernel.Less[int32]), tensor.Int64: binaryTo(kernel.Less[int64]),
		tensor.Uint8: binaryTo(kernel.Less[uint8]), tensor.Uint16: binaryTo(kernel.Less[uint16]),
		tensor.Uint32: binaryTo(kernel.Less[uint32]), tensor.Uint64: binaryTo(kernel.Less[uint64]),
	}),
	Old: []op.Version{
		{Since: 9, Types: op.Types{"T": numbers7}},
		{Since: 7, Types: op.Types{"T": op.FloatsIEEE}},
	},
}
