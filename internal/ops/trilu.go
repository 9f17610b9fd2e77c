package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opTrilu keeps the upper or lower triangle of the matrices in the last two axes, from the k-th
// diagonal on, and zeros the rest. So it does with the gradient.
var opTrilu = &op.Def{
	Name: "Trilu", Since: 14,
	Doc:     "The upper or lower triangle of matrices.",
	In:      []op.Param{op.In("input", "T", op.Differentiable), op.Opt("k", "int64", op.Zero)},
	Out:     []op.Param{op.Out("output", "T")},
	Attrs:   []op.AttrDef{op.Int("upper", 1)},
	Infer:   inferTrilu,
	Kernels: moved(types13, bindTrilu[uint8], bindTrilu[uint16], bindTrilu[uint32], bindTrilu[uint64], bindTrilu[wide16], bindTrilu[string]),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		var k *ir.Value
		if g.Node.HasIn(1) {
			k = g.In(1)
		}
		g.Set(0, g.Emit(1, "Trilu", []*ir.Value{g.DOut(0), k}, op.Attr("upper", g.Node.Int("upper")))[0])
	},
}

func inferTrilu(n *op.Node) error {
	if x := n.In(0); x.Ranked && len(x.Shape) < 2 {
		return op.Shapef("the input is %v, expected matrices", x)
	}
	if f := n.In(1); n.HasIn(1) && f.Ranked {
		if k, ok := f.Shape.Size().Int(); ok && k != 1 {
			return op.Shapef("k is %v, expected one element", f)
		}
	}
	return op.InferSame(n)
}

func bindTrilu[T any](n *op.Node) (op.Kernel, error) {
	s := n.InShape(0)
	rows, cols, upper := s[len(s)-2], s[len(s)-1], n.Bool("upper")
	return func(c *op.Call) error {
		k := 0
		if v := op.Arg[int64](c, 1); v != nil {
			k = ir.Clamp(v[0])
		}
		kernel.Triangle(words[T](c.Out[0]), words[T](c.In[0]), rows, cols, k, upper)
		return nil
	}, nil
}
