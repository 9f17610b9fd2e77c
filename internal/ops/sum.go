package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opSum is the sum of its inputs, added in their order. The gradient goes to all of them.
var opSum = &op.Def{
	Name: "Sum", Since: 13,
	Doc:   "The sum of the inputs with broadcasting.",
	In:    []op.Param{op.Many("data_0", "T", 1, op.Differentiable)},
	Out:   []op.Param{op.Out("sum", "T")},
	Infer: op.InferBroadcast,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: variadic(kernel.Add[float32]), tensor.Float64: variadic(kernel.Add[float64]),
	}),
	Grad: func(g *op.Grad) {
		for i := range g.Node.NumIn() {
			g.SetBroadcast(i, g.DOut(0))
		}
	},
	Old: []op.Version{
		{Since: 8, Types: op.Types{"T": op.FloatsIEEE}},
		{Since: 6, Types: op.Types{"T": op.FloatsIEEE}, Expand: expandSameShape("Sum")},
	},
}
