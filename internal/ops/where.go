package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opWhere is z = x where the condition holds, y elsewhere, with broadcasting.
// The gradient goes to the one that was picked.
var opWhere = &op.Def{
	Name: "Where", Since: 16,
	Doc: "X where condition holds, Y elsewhere, with broadcasting.",
	In: []op.Param{op.In("condition", "B", op.Zero), op.In("X", "T", op.Differentiable),
		op.In("Y", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Types:   op.Types{"B": boolOnly},
	Infer:   inferWhere,
	Kernels: moved(types13, bindWhere[uint8], bindWhere[uint16], bindWhere[uint32], bindWhere[uint64], bindWhere[wide16], bindWhere[string]),
	InPlace: []int{1, 2},
	Grad: func(g *op.Grad) {
		c, dz := g.In(0), g.DOut(0)
		zero := g.Scalar(dz, 0)
		if g.Need(1) {
			g.SetBroadcast(1, g.Where(c, dz, zero))
		}
		if g.Need(2) {
			g.SetBroadcast(2, g.Where(c, zero, dz))
		}
	},
	Old: []op.Version{{Since: 9, Types: op.Types{"T": op.AllClassic}}},
}

// inferWhere is op.InferBroadcast that also follows the elements of shapes where the condition is known.
func inferWhere(n *op.Node) error {
	if err := op.InferBroadcast(n); err != nil {
		return err
	}
	cond, ok := n.In(0).Const.(*tensor.Tensor[bool])
	out := n.Out(0)
	shape, static := out.Static()
	if !ok || !static || len(shape) > 1 {
		return nil
	}
	size := shape.Len()
	c, x, y := cond.Data(), n.In(1).Elems, n.In(2).Elems
	if len(c) == 0 || len(x) == 0 || len(y) == 0 {
		return nil
	}
	for i := range size {
		from := y
		if c[min(i, len(c)-1)] {
			from = x
		}
		out.Elems = append(out.Elems, from[min(i, len(from)-1)])
	}
	n.SetOut(0, out)
	return nil
}

// bindWhere binds by the size of elements, which are never looked at.
func bindWhere[T any](n *op.Node) (op.Kernel, error) {
	k := kernel.NewWhere[T](n.OutShape(0), n.InShape(0), n.InShape(1), n.InShape(2))
	return func(c *op.Call) error {
		k.Run(c.Pool, words[T](c.Out[0]), op.Arg[bool](c, 0), words[T](c.In[1]), words[T](c.In[2]))
		return nil
	}, nil
}
