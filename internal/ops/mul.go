package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opMul is z = x * y; integers wrap around.
// dz/dx = y and dz/dy = x, summed over broadcast axes.
var opMul = &op.Def{
	Name: "Mul", Since: 14,
	Doc:   "z = x * y with broadcasting.",
	In:    []op.Param{op.In("A", "T", op.Differentiable), op.In("B", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("C", "T")},
	Infer: inferArith(func(x, y ir.Dim) ir.Dim { return x.Mul(y) }),
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: binary(kernel.Mul[float32]), tensor.Float64: binary(kernel.Mul[float64]),
		tensor.Int8: binary(kernel.Mul[int8]), tensor.Int16: binary(kernel.Mul[int16]),
		tensor.Int32: binary(kernel.Mul[int32]), tensor.Int64: binary(kernel.Mul[int64]),
		tensor.Uint8: binary(kernel.Mul[uint8]), tensor.Uint16: binary(kernel.Mul[uint16]),
		tensor.Uint32: binary(kernel.Mul[uint32]), tensor.Uint64: binary(kernel.Mul[uint64]),
	}),
	InPlace: []int{0, 1},
	Grad: func(g *op.Grad) {
		if g.Need(0) {
			g.SetBroadcast(0, g.Mul(g.DOut(0), g.In(1)))
		}
		if g.Need(1) {
			g.SetBroadcast(1, g.Mul(g.DOut(0), g.In(0)))
		}
	},
	Old: []op.Version{
		{Since: 13, Types: arith13},
		{Since: 7, Types: arith7},
	},
}
