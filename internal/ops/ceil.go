package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opCeil is the least whole number that is not below x. The gradient is zero.
var opCeil = &op.Def{
	Name: "Ceil", Since: 13,
	Doc:     "the least whole number that is not below x.",
	In:      []op.Param{op.In("X", "T", op.Zero)},
	Out:     []op.Param{op.Out("Y", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Ceil[float32], kernel.Ceil[float64]),
	InPlace: []int{0},
	Old:     []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}
