package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opMean is the sum of its n inputs, added in their order, over n. The gradient goes to all of them
// in equal parts.
var opMean = &op.Def{
	Name: "Mean", Since: 13,
	Doc:   "The mean of the inputs with broadcasting.",
	In:    []op.Param{op.Many("data_0", "T", 1, op.Differentiable)},
	Out:   []op.Param{op.Out("mean", "T")},
	Infer: op.InferBroadcast,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindMean[float32], tensor.Float64: bindMean[float64],
	}),
	Grad: func(g *op.Grad) {
		part := g.Scale(g.DOut(0), 1/float64(g.Node.NumIn()))
		for i := range g.Node.NumIn() {
			g.SetBroadcast(i, part)
		}
	},
	Old: []op.Version{
		{Since: 8, Types: op.Types{"T": op.FloatsIEEE}},
		{Since: 6, Types: op.Types{"T": op.FloatsIEEE}, Expand: expandSameShape("Mean")},
	},
}

func bindMean[T tensor.Float](n *op.Node) (op.Kernel, error) {
	sum, err := variadic(kernel.Add[T])(n)
	if err != nil {
		return nil, err
	}
	divide := kernel.NewUnaryWith(kernel.DivBy[T])
	by := T(n.NumIn())
	return func(c *op.Call) error {
		if err := sum(c); err != nil {
			return err
		}
		d := op.Result[T](c, 0)
		divide.Run(c.Pool, d, d, by)
		return nil
	}, nil
}
