package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opBitwiseAnd is z = x & y, bit by bit.
var opBitwiseAnd = &op.Def{
	Name: "BitwiseAnd", Since: 18,
	Doc:   "x & y, bit by bit, with broadcasting.",
	In:    []op.Param{op.In("A", "T", op.Zero), op.In("B", "T", op.Zero)},
	Out:   []op.Param{op.Out("C", "T")},
	Infer: op.InferBroadcast,
	Kernels: op.Kernels{
		tensor.Int8: binary(kernel.BitAnd[int8]), tensor.Int16: binary(kernel.BitAnd[int16]),
		tensor.Int32: binary(kernel.BitAnd[int32]), tensor.Int64: binary(kernel.BitAnd[int64]),
		tensor.Uint8: binary(kernel.BitAnd[uint8]), tensor.Uint16: binary(kernel.BitAnd[uint16]),
		tensor.Uint32: binary(kernel.BitAnd[uint32]), tensor.Uint64: binary(kernel.BitAnd[uint64]),
	},
	InPlace: []int{0, 1},
}
