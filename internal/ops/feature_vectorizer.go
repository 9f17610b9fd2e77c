package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opFeatureVectorizer joins its inputs, [batch, features] each, to one float matrix. inputdimensions
// says how many features each has in it: more are cut off, fewer filled up with 0. A vector is one row.
var opFeatureVectorizer = &op.Def{
	Domain: domainML, Name: "FeatureVectorizer", Since: 1,
	Doc:    "The inputs' features in one matrix of floats.",
	In:     []op.Param{op.Many("X", "T1", 1, op.Differentiable)},
	Out:    []op.Param{op.Out("Y", "float")},
	Attrs:  []op.AttrDef{op.May("inputdimensions", op.IntsKind)},
	Types:  op.Types{"T1": mlNumbers},
	Expand: expandFeatureVectorizer,
}

func expandFeatureVectorizer(b *op.Builder, n *op.Node) []*ir.Value {
	widths := n.Ints("inputdimensions")
	if n.HasAttr("inputdimensions") && len(widths) != n.NumIn() {
		b.Fail(op.Malformedf("inputdimensions has %d elements for %d inputs", len(widths), n.NumIn()))
		widths = nil
	}
	parts := make([]*ir.Value, n.NumIn())
	for i, x := range n.Node.In {
		switch x.Fact.Rank() {
		case 1:
			x = b.Unsqueeze(x, 0)
		case 2:
		default:
			b.Fail(op.Unsupportedf("input %d is %v, expected [features] or [batch, features]", i, x.Fact))
			return []*ir.Value{x}
		}
		x = b.Cast(x, tensor.Float32)
		if widths != nil {
			x = fitFeatures(b, x, widths[i])
		}
		parts[i] = x
	}
	return []*ir.Value{b.Concat(1, parts...)}
}

// fitFeatures cuts the second axis of a matrix to a width or fills it up with 0.
func fitFeatures(b *op.Builder, x *ir.Value, width int) *ir.Value {
	if b.Err() != nil {
		return x
	}
	have, ok := x.Fact.Shape[1].Int()
	switch {
	case width < 0:
		b.Fail(op.Malformedf("%d in inputdimensions", width))
	case !ok:
		b.Fail(op.Unsupportedf("FeatureVectorizer of %v, whose number of features is not known", x.Fact))
	case have > width:
		return b.Slice(x, 1, 0, width)
	case have < width:
		return b.Op("Pad", x, b.Ints(0, 0, 0, width-have))
	}
	return x
}
