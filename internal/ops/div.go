package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opDiv is z = x / y. Integers are cut towards zero, the least one divided by -1 wraps around, and
// division by zero is an error.
// dz/dx = 1/y and dz/dy = -z/y, summed over broadcast axes.
var opDiv = &op.Def{
	Name: "Div", Since: 14,
	Doc:   "z = x / y with broadcasting.",
	In:    []op.Param{op.In("A", "T", op.Differentiable), op.In("B", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("C", "T")},
	Infer: inferArith(func(x, y ir.Dim) ir.Dim { return x.Div(y) }),
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: binary(kernel.Div[float32]), tensor.Float64: binary(kernel.Div[float64]),
		tensor.Int8: byNonZero(kernel.Div[int8]), tensor.Int16: byNonZero(kernel.Div[int16]),
		tensor.Int32: byNonZero(kernel.Div[int32]), tensor.Int64: byNonZero(kernel.Div[int64]),
		tensor.Uint8: byNonZero(kernel.Div[uint8]), tensor.Uint16: byNonZero(kernel.Div[uint16]),
		tensor.Uint32: byNonZero(kernel.Div[uint32]), tensor.Uint64: byNonZero(kernel.Div[uint64]),
	}),
	InPlace: []int{0, 1},
	Grad: func(g *op.Grad) {
		dx := g.Div(g.DOut(0), g.In(1))
		g.SetBroadcast(0, dx)
		if g.Need(1) {
			g.SetBroadcast(1, g.Neg(g.Mul(dx, g.Out(0))))
		}
	},
	Old: []op.Version{
		{Since: 13, Types: arith13},
		{Since: 7, Types: arith7},
	},
}
