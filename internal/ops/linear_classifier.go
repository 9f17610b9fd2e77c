package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opLinearClassifier is the label with the largest of the scores X*W' + b, and what post_transform makes of these, in
// float32. Two classes may have one row of weights: then the label is the second's where the score is above 0, and
// z, which is the score, or by LOGISTIC its sigmoid, becomes (1-z, z) as in onnxruntime.
var opLinearClassifier = &op.Def{
	Domain: domainML, Name: "LinearClassifier", Since: 1,
	Doc: "The label with the largest score, and the scores X*W' + b.",
	In:  []op.Param{op.In("X", "T1", op.Differentiable)},
	Out: []op.Param{op.Out("Y", "T2"), op.Out("Z", "float")},
	Attrs: []op.AttrDef{
		op.May("classlabels_ints", op.IntsKind), op.May("classlabels_strings", op.StringsKind), op.Need("coefficients", op.FloatsKind),
		op.May("intercepts", op.FloatsKind), op.Int("multi_class", 0), op.Str("post_transform", "NONE"),
	},
	Types:  op.Types{"T1": mlNumbers, "T2": {tensor.Int64, tensor.String}},
	Expand: expandLinearClassifier,
}

func expandLinearClassifier(b *op.Builder, n *op.Node) []*ir.Value {
	ints, words := n.Ints("classlabels_ints"), n.Strs("classlabels_strings")
	var labels *ir.Value
	classes := max(len(ints), len(words))
	switch {
	case classes == 0 || len(ints) > 0 && len(words) > 0:
		b.Fail(op.Malformedf("%d integer and %d string labels, expected one sort", len(ints), len(words)))
		return n.Node.Out
	case len(ints) > 0:
		labels = b.Ints(ints...)
	default:
		labels = b.Const(tensor.Vector(words...))
	}
	rows := classes
	if classes == 2 && len(n.Floats("intercepts")) == 1 {
		rows = 1
	}
	scores := linearScores(b, n, rows)
	if b.Err() != nil {
		return n.Node.Out
	}
	rated, z := scores, scores
	if rows > 1 || n.Str("post_transform") != "SOFTMAX" {
		z = postTransform(b, n, scores)
	}
	if rows == 1 {
		rated = b.Concat(-1, b.Op("Neg", scores), scores)
		z = b.Concat(-1, b.Sub(b.Scalar(z, 1), z), z)
	}
	best := b.OpA("ArgMax", rated, op.Attr("axis", -1), op.Attr("keepdims", 0))
	return []*ir.Value{b.Gather(labels, best, 0), z}
}
