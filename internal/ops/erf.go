package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opErf is y = 2/sqrt(pi) * integral of e^(-t*t) from 0 to x. dy/dx = 2/sqrt(pi) * e^(-x*x).
var opErf = &op.Def{
	Name: "Erf", Since: 13,
	Doc:     "the error function.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   op.InferSame,
	Kernels: floats(kernel.Erf32, kernel.Of[float64](math.Erf)),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x := g.In(0)
		slope := g.Scale(g.Op("Exp", g.Neg(g.Mul(x, x))), 2/math.Sqrt(math.Pi))
		g.Set(0, g.Mul(g.DOut(0), slope))
	},
	Old: []op.Version{{Since: 9, Types: op.Types{"T": numbers7}, Expand: expandErf9}},
}

// expandErf9 is Erf when it took integers as well: the function's value cut towards zero.
func expandErf9(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	t := x.Fact.DType
	if t.IsFloat() {
		return []*ir.Value{b.Op("Erf", x)}
	}
	return []*ir.Value{b.Cast(b.Op("Erf", b.Cast(x, tensor.Float64)), t)}
}
