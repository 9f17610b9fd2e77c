package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opAdd is z = x + y; integers wrap around.
// dz/dx = dz/dy = 1, summed over broadcast axes.
var opAdd = &op.Def{
	Name: "Add", Since: 14,
	Doc:   "z = x + y with broadcasting.",
	In:    []op.Param{op.In("A", "T", op.Differentiable), op.In("B", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("C", "T")},
	Infer: inferArith(func(x, y ir.Dim) ir.Dim { return x.Add(y) }),
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: binary(kernel.Add[float32]), tensor.Float64: binary(kernel.Add[float64]),
		tensor.Int8: binary(kernel.Add[int8]), tensor.Int16: binary(kernel.Add[int16]),
		tensor.Int32: binary(kernel.Add[int32]), tensor.Int64: binary(kernel.Add[int64]),
		tensor.Uint8: binary(kernel.Add[uint8]), tensor.Uint16: binary(kernel.Add[uint16]),
		tensor.Uint32: binary(kernel.Add[uint32]), tensor.Uint64: binary(kernel.Add[uint64]),
	}),
	InPlace: []int{0, 1},
	Grad: func(g *op.Grad) {
		g.SetBroadcast(0, g.DOut(0))
		g.SetBroadcast(1, g.DOut(0))
	},
	Old: []op.Version{
		{Since: 13, Types: arith13},
		{Since: 7, Types: arith7},
	},
}
