package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opAbs is y = |x|; the least signed integer stays as it is. dy/dx = sign(x), 0 at 0.
var opAbs = &op.Def{
	Name: "Abs", Since: 13,
	Doc:   "y = |x|.",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Infer: op.InferSame,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unary(kernel.AbsFloat[float32]), tensor.Float64: unary(kernel.AbsFloat[float64]),
		tensor.Int8: unary(kernel.Abs[int8]), tensor.Int16: unary(kernel.Abs[int16]),
		tensor.Int32: unary(kernel.Abs[int32]), tensor.Int64: unary(kernel.Abs[int64]),
		tensor.Uint8: unary(kernel.Abs[uint8]), tensor.Uint16: unary(kernel.Abs[uint16]),
		tensor.Uint32: unary(kernel.Abs[uint32]), tensor.Uint64: unary(kernel.Abs[uint64]),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		g.Set(0, g.Mul(g.DOut(0), g.Op("Sign", g.In(0))))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": numbers7}}},
}
