package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opBitwiseNot is y = ^x: every bit the other way.
var opBitwiseNot = &op.Def{
	Name: "BitwiseNot", Since: 18,
	Doc:   "^x: every bit the other way.",
	In:    []op.Param{op.In("X", "T", op.Zero)},
	Out:   []op.Param{op.Out("Y", "T")},
	Infer: op.InferSame,
	Kernels: op.Kernels{
		tensor.Int8: unary(kernel.BitNot[int8]), tensor.Int16: unary(kernel.BitNot[int16]),
		tensor.Int32: unary(kernel.BitNot[int32]), tensor.Int64: unary(kernel.BitNot[int64]),
		tensor.Uint8: unary(kernel.BitNot[uint8]), tensor.Uint16: unary(kernel.BitNot[uint16]),
		tensor.Uint32: unary(kernel.BitNot[uint32]), tensor.Uint64: unary(kernel.BitNot[uint64]),
	},
	InPlace: []int{0},
}
