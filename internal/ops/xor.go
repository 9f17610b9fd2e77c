package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opXor is z = either x or y.
var opXor = &op.Def{
	Name: "Xor", Since: 7,
	Doc:     "either x or y, with broadcasting.",
	In:      []op.Param{op.In("A", "T", op.Zero), op.In("B", "T", op.Zero)},
	Out:     []op.Param{op.Out("C", "T1")},
	Types:   boolT1,
	Infer:   op.InferBroadcast,
	Kernels: op.Kernels{tensor.Bool: binary(kernel.Xor)},
	InPlace: []int{0, 1},
}
