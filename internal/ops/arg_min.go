package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opArgMin is the position of the least element along an axis: the first of equal ones, or the last
// with select_last_index. NaN counts as less than any number.
var opArgMin = &op.Def{
	Name: "ArgMin", Since: 13,
	Doc:   "Position of the least element along axis.",
	In:    []op.Param{op.In("data", "T", op.Zero)},
	Out:   []op.Param{op.Out("reduced", "int64")},
	Attrs: []op.AttrDef{op.Int("axis", 0), op.Int("keepdims", 1), op.Int("select_last_index", 0)},
	Infer: inferArg,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindArg(kernel.ArgMin[float32]),
		tensor.Float64: bindArg(kernel.ArgMin[float64]),
		tensor.Int8:    bindArg(kernel.ArgMin[int8]),
		tensor.Int16:   bindArg(kernel.ArgMin[int16]),
		tensor.Int32:   bindArg(kernel.ArgMin[int32]),
		tensor.Int64:   bindArg(kernel.ArgMin[int64]),
		tensor.Uint8:   bindArg(kernel.ArgMin[uint8]),
		tensor.Uint16:  bindArg(kernel.ArgMin[uint16]),
		tensor.Uint32:  bindArg(kernel.ArgMin[uint32]),
		tensor.Uint64:  bindArg(kernel.ArgMin[uint64]),
	}),
	Old: argOld,
}
