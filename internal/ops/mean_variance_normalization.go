package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opMeanVarianceNormalization is Y = (X - mean) / (standard deviation + 1e-9) over the axes, which may
// be counted from the end. The deviation is taken from the differences, which keeps digits that ONNX's
// E[X²]-E[X]² loses.
var opMeanVarianceNormalization = &op.Def{
	Name: "MeanVarianceNormalization", Since: 13,
	Doc:    "The axes together brought to mean 0 and variance 1.",
	In:     []op.Param{op.In("X", "T", op.Differentiable)},
	Out:    []op.Param{op.Out("Y", "T")},
	Attrs:  []op.AttrDef{{Name: "axes", Kind: op.IntsKind, Default: []int64{0, 2, 3}}},
	Types:  op.Types{"T": op.Floats},
	Expand: expandMeanVarianceNormalization,
	Old:    []op.Version{{Since: 9, Types: op.Types{"T": op.FloatsIEEE}}},
}

func expandMeanVarianceNormalization(b *op.Builder, n *op.Node) []*ir.Value {
	x, axes := n.Node.In[0], n.Ints("axes")
	wide := b.Cast(x, wideOf(x))
	d := b.Sub(wide, b.Reduce("ReduceMean", wide, true, axes...))
	std := b.Op("Sqrt", b.Reduce("ReduceMean", b.Mul(d, d), true, axes...))
	return []*ir.Value{b.Cast(b.Div(d, b.AddScalar(std, 1e-9)), x.Fact.DType)}
}
