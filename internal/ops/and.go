package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opAnd is z = x and y.
var opAnd = &op.Def{
	Name: "And", Since: 7,
	Doc:     "x and y, with broadcasting.",
	In:      []op.Param{op.In("A", "T", op.Zero), op.In("B", "T", op.Zero)},
	Out:     []op.Param{op.Out("C", "T1")},
	Types:   boolT1,
	Infer:   op.InferBroadcast,
	Kernels: op.Kernels{tensor.Bool: binary(kernel.And)},
	InPlace: []int{0, 1},
}
