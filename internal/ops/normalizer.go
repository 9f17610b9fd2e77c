package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opNormalizer divides each row by its largest element (MAX), by the sum of its absolute values (L1)
// or by the root of the sum of its squares (L2), in float32. A row whose divisor is 0 stays.
var opNormalizer = &op.Def{
	Domain: domainML, Name: "Normalizer", Since: 1,
	Doc:    "Each row divided by its norm.",
	In:     []op.Param{op.In("X", "T", op.Differentiable)},
	Out:    []op.Param{op.Out("Y", "float")},
	Attrs:  []op.AttrDef{op.Str("norm", "MAX")},
	Types:  op.Types{"T": mlNumbers},
	Expand: expandNormalizer,
}

func expandNormalizer(b *op.Builder, n *op.Node) []*ir.Value {
	x := b.Cast(n.Node.In[0], tensor.Float32)
	if r := x.Fact.Rank(); r < 1 || r > 2 {
		b.Fail(op.Unsupportedf("Normalizer of %v, expected [features] or [batch, features]", x.Fact))
		return []*ir.Value{x}
	}
	var norm *ir.Value
	switch n.Str("norm") {
	case "MAX":
		norm = b.Reduce("ReduceMax", x, true, -1)
	case "L1":
		norm = b.Sum(b.Op("Abs", x), true, -1)
	case "L2":
		norm = b.Op("Sqrt", b.Sum(b.Mul(x, x), true, -1))
	default:
		b.Fail(op.Malformedf("norm is %q, expected MAX, L1 or L2", n.Str("norm")))
		return []*ir.Value{x}
	}
	norm = b.Where(b.Op("Equal", norm, b.Scalar(norm, 0)), b.Scalar(norm, 1), norm)
	return []*ir.Value{b.Div(x, norm)}
}
