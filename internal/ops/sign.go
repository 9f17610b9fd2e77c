package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opSign is the sign of x: -1, 0 or 1; NaN stays NaN. The gradient is zero.
var opSign = &op.Def{
	Name: "Sign", Since: 13,
	Doc:   "the sign of x: -1, 0 or 1.",
	In:    []op.Param{op.In("input", "T", op.Zero)},
	Out:   []op.Param{op.Out("output", "T")},
	Infer: op.InferSame,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unary(kernel.Sign[float32]), tensor.Float64: unary(kernel.Sign[float64]),
		tensor.Int8: unary(kernel.Sign[int8]), tensor.Int16: unary(kernel.Sign[int16]),
		tensor.Int32: unary(kernel.Sign[int32]), tensor.Int64: unary(kernel.Sign[int64]),
		tensor.Uint8: unary(kernel.Sign[uint8]), tensor.Uint16: unary(kernel.Sign[uint16]),
		tensor.Uint32: unary(kernel.Sign[uint32]), tensor.Uint64: unary(kernel.Sign[uint64]),
	}),
	InPlace: []int{0},
	Old:     []op.Version{{Since: 9, Types: op.Types{"T": numbers7}}},
}
