package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opSoftmax is y_i = exp(x_i) / sum_j exp(x_j) along an axis, computed from x - max(x).
// dx = y * (dy - sum(dy*y)).
var opSoftmax = &op.Def{
	Name: "Softmax", Since: 13,
	Doc:   "exp(x) / sum(exp(x)) along axis.",
	In:    []op.Param{op.In("input", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("output", "T")},
	Attrs: []op.AttrDef{op.Int("axis", -1)},
	Infer: inferSameWithAxis,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindAlongAxis(kernel.Softmax32), tensor.Float64: bindAlongAxis(kernel.Softmax[float64]),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		y, dy, axis := g.Out(0), g.DOut(0), g.Node.Int("axis")
		g.Set(0, g.Mul(y, g.Sub(dy, g.Sum(g.Mul(dy, y), true, axis))))
	},
	Old: []op.Version{
		{Since: 11, Types: op.Types{"T": op.FloatsIEEE}, Attrs: []op.AttrDef{op.Int("axis", 1)}, Expand: expandFlat("Softmax")},
		{Since: 1, Types: op.Types{"T": op.FloatsIEEE}, Attrs: []op.AttrDef{op.Int("axis", 1)}, Expand: expandFlat("Softmax")},
	},
}

// expandFlat says what Softmax, LogSoftmax and Hardmax did before opset 13: the axes from axis on are
// taken together as one.
func expandFlat(name string) op.Expand {
	return func(b *op.Builder, n *op.Node) []*ir.Value {
		x := n.Node.In[0]
		flat := b.OpA("Flatten", x, op.Attr("axis", n.Int("axis")))
		return []*ir.Value{b.Reshape(b.OpA(name, flat, op.Attr("axis", -1)), b.Shape(x))}
	}
}

// inferSameWithAxis is op.InferSame that checks the attribute axis.
func inferSameWithAxis(n *op.Node) error {
	if r := n.In(0).Rank(); r >= 0 {
		if _, err := tensor.Axis(n.Int("axis"), r); err != nil {
			return op.Shapef("%v", err)
		}
	}
	return op.InferSame(n)
}

// bindAlongAxis binds a function of one vector along the attribute axis: n elements, stride apart.
func bindAlongAxis[T tensor.Float](f func(d, x []T, n, stride int)) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		s := n.InShape(0)
		axis, err := s.Axis(n.Int("axis"))
		if err != nil {
			return nil, op.Shapef("%v", err)
		}
		length, stride := s[axis], s[axis+1:].Len()
		type pair struct{ d, x []T }
		rows := kernel.NewRows(length*8, func(p pair, r int) {
			at := r/stride*stride*length + r%stride
			f(p.d[at:], p.x[at:], length, stride)
		})
		return func(c *op.Call) error {
			d, x := op.Result[T](c, 0), op.Arg[T](c, 0)
			if len(d) > 0 {
				rows.Run(c.Pool, pair{d, x}, len(d)/length)
			}
			return nil
		}, nil
	}
}
