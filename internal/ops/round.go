package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opRound is the whole number nearest to x, the even one of two. The gradient is zero.
var opRound = &op.Def{
	Name: "Round", Since: 22,
	Doc:     "the whole number nearest to x, the even one of two.",
	In:      []op.Param{op.In("X", "T", op.Zero)},
	Out:     []op.Param{op.Out("Y", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Round[float32], kernel.Round[float64]),
	InPlace: []int{0},
	Old:     []op.Version{{Since: 11, Types: op.Types{"T": op.FloatsIEEE}}},
}
