package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opNot is y = not x.
var opNot = &op.Def{
	Name: "Not", Since: 1,
	Doc:     "not x.",
	In:      []op.Param{op.In("X", "T", op.Zero)},
	Out:     []op.Param{op.Out("Y", "T")},
	Infer:   op.InferSame,
	Kernels: op.Kernels{tensor.Bool: unary(kernel.Not)},
	InPlace: []int{0},
}
