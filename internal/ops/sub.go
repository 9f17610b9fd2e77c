package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opSub is z = x - y; integers wrap around.
// dz/dx = 1 and dz/dy = -1, summed over broadcast axes.
var opSub = &op.Def{
	Name: "Sub", Since: 14,
	Doc:   "z = x - y with broadcasting.",
	In:    []op.Param{op.In("A", "T", op.Differentiable), op.In("B", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("C", "T")},
	Infer: inferArith(func(x, y ir.Dim) ir.Dim { return x.Sub(y) }),
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: binary(kernel.Sub[float32]), tensor.Float64: binary(kernel.Sub[float64]),
		tensor.Int8: binary(kernel.Sub[int8]), tensor.Int16: binary(kernel.Sub[int16]),
		tensor.Int32: binary(kernel.Sub[int32]), tensor.Int64: binary(kernel.Sub[int64]),
		tensor.Uint8: binary(kernel.Sub[uint8]), tensor.Uint16: binary(kernel.Sub[uint16]),
		tensor.Uint32: binary(kernel.Sub[uint32]), tensor.Uint64: binary(kernel.Sub[uint64]),
	}),
	InPlace: []int{0, 1},
	Grad: func(g *op.Grad) {
		g.SetBroadcast(0, g.DOut(0))
		if g.Need(1) {
			g.SetBroadcast(1, g.Neg(g.DOut(0)))
		}
	},
	Old: []op.Version{
		{Since: 13, Types: arith13},
		{Since: 7, Types: arith7},
	},
}
