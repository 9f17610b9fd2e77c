package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opFloor is the greatest whole number that is not above x. The gradient is zero.
var opFloor = &op.Def{
	Name: "Floor", Since: 13,
	Doc:     "the greatest whole number that is not above x.",
	In:      []op.Param{op.In("X", "T", op.Zero)},
	Out:     []op.Param{op.Out("Y", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Floor[float32], kernel.Floor[float64]),
	InPlace: []int{0},
	Old:     []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}
