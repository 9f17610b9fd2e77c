package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opNeg is y = -x; the least integer stays as it is. dy/dx = -1.
var opNeg = &op.Def{
	Name: "Neg", Since: 13,
	Doc:   "y = -x.",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Infer: op.InferSame,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unary(kernel.Neg[float32]), tensor.Float64: unary(kernel.Neg[float64]),
		tensor.Int8: unary(kernel.Neg[int8]), tensor.Int16: unary(kernel.Neg[int16]),
		tensor.Int32: unary(kernel.Neg[int32]), tensor.Int64: unary(kernel.Neg[int64]),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		g.Set(0, g.Neg(g.DOut(0)))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": op.List(op.FloatsIEEE, op.SignedInts)}}},
}
