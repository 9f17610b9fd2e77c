package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opReduceLogSumExp is log(sum(exp(x))) over some axes, computed from x less its maximum.
// dx = dy*exp(x-y).
var opReduceLogSumExp = &op.Def{
	Name: "ReduceLogSumExp", Since: 28,
	Doc: "log(sum(exp(x))) over axes.",
	In:  reduceIn, Out: reduceOut, Attrs: reduceAttrs,
	Infer: inferReduce,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindLogSumExp[float32], tensor.Float64: bindLogSumExp[float64],
	}),
	Grad: func(g *op.Grad) {
		p := g.Op("Exp", g.Sub(g.In(0), unreduce(g, g.Out(0))))
		g.Set(0, g.Mul(p, unreduce(g, g.DOut(0))))
	},
	Old: reduceLogOld("ReduceLogSumExp"),
}

func bindLogSumExp[T tensor.Float](n *op.Node) (op.Kernel, error) {
	size := n.InShape(0).Len() + n.OutShape(0).Len()
	n.Scratch(size * tensor.TypeOf[T]().Size())
	return bindReduction(func(n *op.Node, s tensor.Shape, mark []bool) op.Kernel {
		r := kernel.NewLogSumExp[T](s, mark)
		return func(c *op.Call) error {
			r.Run(c.Pool, op.Result[T](c, 0), op.Arg[T](c, 0), op.Scratch[T](c, size))
			return nil
		}
	})(n)
}
