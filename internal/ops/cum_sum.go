package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opCumSum is y_i = x_0 + ... + x_i along an axis, without x_i where exclusive, and from the other
// end where reverse. The gradient is the cumulative sum of dy from the end that y did not begin at.
var opCumSum = &op.Def{
	Name: "CumSum", Since: 14,
	Doc:   "The sum of all elements up to each one along axis.",
	In:    []op.Param{op.In("x", "T", op.Differentiable), op.In("axis", "T2", op.Zero)},
	Out:   []op.Param{op.Out("y", "T")},
	Attrs: []op.AttrDef{op.Int("exclusive", 0), op.Int("reverse", 0)},
	Types: op.Types{"T2": op.Index},
	Infer: inferCumSum,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindCumSum[float32], tensor.Float64: bindCumSum[float64],
		tensor.Int32: bindCumSum[int32], tensor.Int64: bindCumSum[int64],
		tensor.Uint32: bindCumSum[uint32], tensor.Uint64: bindCumSum[uint64],
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		exclusive, reverse := g.Node.Bool("exclusive"), g.Node.Bool("reverse")
		g.Set(0, g.Emit(1, "CumSum", []*ir.Value{g.DOut(0), g.In(1)},
			op.Attr("exclusive", exclusive), op.Attr("reverse", !reverse))[0])
	},
	Old: []op.Version{{Since: 11, Types: op.Types{"T": {
		tensor.Float32, tensor.Float64, tensor.Int32, tensor.Int64, tensor.Uint32, tensor.Uint64,
	}}}},
}

func inferCumSum(n *op.Node) error {
	axis := n.In(1)
	if axis.Rank() > 1 || axis.Ranked && knownOther(axis.Shape.Size(), ir.Known(1)) {
		return op.Shapef("axis is %v, expected a scalar", axis)
	}
	if a, ok := n.ConstInts(1); ok && n.In(0).Ranked {
		if _, err := tensor.Axis(a[0], n.In(0).Rank()); err != nil {
			return op.Shapef("%v", err)
		}
	}
	return op.InferSame(n)
}

func bindCumSum[T tensor.Number](n *op.Node) (op.Kernel, error) {
	shape := n.InShape(0)
	exclusive, reverse := n.Bool("exclusive"), n.Bool("reverse")
	type lines struct {
		d, x           []T
		length, stride int
	}
	longest := 1
	for _, d := range shape {
		longest = max(longest, d)
	}
	rows := kernel.NewRows(longest, func(l lines, r int) {
		at := r/l.stride*l.stride*l.length + r%l.stride
		kernel.CumSum(l.d[at:], l.x[at:], l.length, l.stride, exclusive, reverse)
	})
	return func(c *op.Call) error {
		axis, err := shape.Axis(scalarInt(c.In[1]))
		if err != nil {
			return op.Shapef("%v", err)
		}
		l := lines{op.Result[T](c, 0), op.Arg[T](c, 0), shape[axis], shape[axis+1:].Len()}
		if len(l.d) > 0 {
			rows.Run(c.Pool, l, len(l.d)/l.length)
		}
		return nil
	}, nil
}

// scalarInt returns the one element of an int32 or int64 tensor.
func scalarInt(t tensor.Any) int {
	if t, ok := t.(*tensor.Tensor[int32]); ok {
		return int(t.Data()[0])
	}
	return ir.Clamp(tensor.Data[int64](t)[0])
}
