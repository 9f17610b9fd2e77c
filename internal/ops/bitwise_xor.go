package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opBitwiseXor is z = x ^ y, bit by bit.
var opBitwiseXor = &op.Def{
	Name: "BitwiseXor", Since: 18,
	Doc:   "x ^ y, bit by bit, with broadcasting.",
	In:    []op.Param{op.In("A", "T", op.Zero), op.In("B", "T", op.Zero)},
	Out:   []op.Param{op.Out("C", "T")},
	Infer: op.InferBroadcast,
	Kernels: op.Kernels{
		tensor.Int8: binary(kernel.BitXor[int8]), tensor.Int16: binary(kernel.BitXor[int16]),
		tensor.Int32: binary(kernel.BitXor[int32]), tensor.Int64: binary(kernel.BitXor[int64]),
		tensor.Uint8: binary(kernel.BitXor[uint8]), tensor.Uint16: binary(kernel.BitXor[uint16]),
		tensor.Uint32: binary(kernel.BitXor[uint32]), tensor.Uint64: binary(kernel.BitXor[uint64]),
	},
	InPlace: []int{0, 1},
}
