package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opLessOrEqual is z = (x <= y). The gradient is zero.
var opLessOrEqual = &op.Def{
	Name: "LessOrEqual", Since: 16,
	Doc:   "z = (x <= y) with broadcasting.",
	In:    []op.Param{op.In("A", "T", op.Zero), op.In("B", "T", op.Zero)},
	Out:   []op.Param{op.Out("C", "T1")},
	Types: boolT1,
	Infer: op.InferBroadcast,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: binaryTo(kernel.LessOrEqual[float32]), tensor.Float64: binaryTo(kernel.LessOrEqual[float64]),
		tensor.Int8: binaryTo(kernel.LessOrEqual[int8]), tensor.Int16: binaryTo(kernel.LessOrEqual[int16]),
		tensor.Int32: binaryTo(kernel.LessOrEqual[int32]), tensor.Int64: binaryTo(kernel.LessOrEqual[int64]),
		tensor.Uint8: binaryTo(kernel.LessOrEqual[uint8]), tensor.Uint16: binaryTo(kernel.LessOrEqual[uint16]),
		tensor.Uint32: binaryTo(kernel.LessOrEqual[uint32]), tensor.Uint64: binaryTo(kernel.LessOrEqual[uint64]),
	}),
	Old: []op.Version{
		{Since: 12, Types: op.Types{"T": numbers7}},
	},
}
