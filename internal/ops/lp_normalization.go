package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opLpNormalization divides each vector along an axis by its norm: the sum of absolute values (p = 1)
// or the root of the sum of squares (p = 2). A vector of zeros stays.
var opLpNormalization = &op.Def{
	Name: "LpNormalization", Since: 22,
	Doc:    "Vectors along axis divided by their norm.",
	In:     []op.Param{op.In("input", "T", op.Differentiable)},
	Out:    []op.Param{op.Out("output", "T")},
	Attrs:  []op.AttrDef{op.Int("axis", -1), op.Int("p", 2)},
	Types:  op.Types{"T": op.Floats},
	Expand: expandLpNormalization,
	Old:    []op.Version{{Since: 1, Types: op.Types{"T": op.FloatsIEEE}}},
}

func expandLpNormalization(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	wide := b.Cast(x, wideOf(x))
	var norm *ir.Value
	switch p := n.Int("p"); p {
	case 1:
		norm = b.Reduce("ReduceL1", wide, true, n.Int("axis"))
	case 2:
		norm = b.Reduce("ReduceL2", wide, true, n.Int("axis"))
	default:
		b.Fail(op.Malformedf("p is %d, expected 1 or 2", p))
		return n.Node.Out
	}
	norm = b.Where(b.Op("Equal", norm, b.Scalar(norm, 0)), b.Scalar(norm, 1), norm)
	return []*ir.Value{b.Cast(b.Div(wide, norm), x.Fact.DType)}
}
