package ops

import (
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opStringConcat joins strings, element by element with broadcasting.
var opStringConcat = &op.Def{
	Name: "StringConcat", Since: 20,
	Doc:   "The strings of both inputs joined.",
	In:    []op.Param{op.In("X", "T", op.Zero), op.In("Y", "T", op.Zero)},
	Out:   []op.Param{op.Out("Z", "T")},
	Infer: op.InferBroadcast,
	Kernels: op.Kernels{tensor.String: binary(func(d, x, y []string) {
		for i := range d {
			d[i] = x[i] + y[i]
		}
	})},
}
