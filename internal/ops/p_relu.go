package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opPRelu is y = x, or slope*x where x < 0; slope broadcasts to x and not the other way.
// dy/dx = 1, or slope where x < 0; dy/dslope = 0, or x where x < 0.
var opPRelu = &op.Def{
	Name: "PRelu", Since: 16,
	Doc:   "x, or slope*x where x < 0.",
	In:    []op.Param{op.In("X", "T", op.Differentiable), op.In("slope", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Infer: inferPRelu,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: binary(kernel.PRelu[float32]), tensor.Float64: binary(kernel.PRelu[float64]),
		tensor.Int32: binary(kernel.PRelu[int32]), tensor.Int64: binary(kernel.PRelu[int64]),
		tensor.Uint32: binary(kernel.PRelu[uint32]), tensor.Uint64: binary(kernel.PRelu[uint64]),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x, slope, dy := g.In(0), g.In(1), g.DOut(0)
		zero := g.Scalar(x, 0)
		down := g.Op("Less", x, zero)
		if g.Need(0) {
			g.Set(0, g.Where(down, g.Mul(dy, slope), dy))
		}
		if g.Need(1) {
			g.SetBroadcast(1, g.Where(down, g.Mul(dy, x), zero))
		}
	},
	Old: []op.Version{
		{Since: 9, Types: op.Types{"T": op.List(op.FloatsIEEE, []tensor.DType{tensor.Int32, tensor.Int64, tensor.Uint32, tensor.Uint64})}},
		{Since: 7, Types: op.Types{"T": op.FloatsIEEE}},
	},
}

// inferPRelu gives the shape of x, to which slope must broadcast.
func inferPRelu(n *op.Node) error {
	x := n.In(0)
	s, ranked, err := op.Broadcast(x, n.In(1))
	if err != nil {
		return err
	}
	for i := range s {
		if len(s) > len(x.Shape) || knownOther(s[i], x.Shape[i]) {
			return op.Shapef("slope %v does not broadcast to %v", n.In(1), x)
		}
	}
	if ranked {
		return op.InferSame(n)
	}
	return nil
}
