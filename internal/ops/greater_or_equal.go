package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opGreaterOrEqual is z = (x >= y). The gradient is zero.
var opGreaterOrEqual = &op.Def{
	Name: "GreaterOrEqual", Since: 16,
	Doc:   "z = (x >= y) with broadcasting.",
	In:    []op.Param{op.In("A", "T", op.Zero), op.In("B", "T", op.Zero)},
	Out:   []op.Param{op.Out("C", "T1")},
	Types: boolT1,
	Infer: op.InferBroadcast,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: binaryTo(kernel.GreaterOrEqual[float32]), tensor.Float64: binaryTo(kernel.GreaterOrEqual[float64]),
		tensor.Int8: binaryTo(kernel.GreaterOrEqual[int8]), tensor.Int16: binaryTo(kernel.GreaterOrEqual[int16]),
		tensor.Int32: binaryTo(kernel.GreaterOrEqual[int32]), tensor.Int64: binaryTo(kernel.GreaterOrEqual[int64]),
		tensor.Uint8: binaryTo(kernel.GreaterOrEqual[uint8]), tensor.Uint16: binaryTo(kernel.GreaterOrEqual[uint16]),
		tensor.Uint32: binaryTo(kernel.GreaterOrEqual[uint32]), tensor.Uint64: binaryTo(kernel.GreaterOrEqual[uint64]),
	}),
	Old: []op.Version{
		{Since: 12, Types: op.Types{"T": numbers7}},
	},
}
