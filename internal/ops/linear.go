package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// linearScores emits X*W' + b in float32, where the attribute coefficients is W by rows, one for each of the given
// number of outputs.
func linearScores(b *op.Builder, n *op.Node, outputs int) *ir.Value {
	x := b.Cast(n.Node.In[0], tensor.Float32)
	w, bias := n.Floats("coefficients"), n.Floats("intercepts")
	rank := x.Fact.Rank()
	switch {
	case rank < 1 || rank > 2:
		b.Fail(op.Unsupportedf("%s of %v, expected [features] or [batch, features]", n.Node.Op, x.Fact))
		return x
	case outputs < 1 || len(w) == 0 || len(w)%outputs != 0:
		b.Fail(op.Malformedf("coefficients has %d elements, expected some for each of %d outputs", len(w), outputs))
		return x
	case len(bias) > 0 && len(bias) != outputs:
		b.Fail(op.Malformedf("intercepts has %d elements, expected %d", len(bias), outputs))
		return x
	}
	features := len(w) / outputs
	if f, ok := x.Fact.Shape[rank-1].Int(); ok && f != features {
		b.Fail(op.Shapef("coefficients has %d elements for each output, the input %v has %d features", features, n.In(0), f))
		return x
	}
	if rank == 1 {
		x = b.Unsqueeze(x, 0)
	}
	y := b.MatMul(x, b.Const(byColumns(w, outputs, features)))
	if len(bias) > 0 {
		y = b.Add(y, b.Const(tensor.Vector(bias...)))
	}
	return y
}

// byColumns returns a matrix that is given by rows as one of columns rows.
func byColumns(v []float32, rows, columns int) *tensor.Tensor[float32] {
	t := tensor.Zeros[float32](columns, rows)
	for i, e := range v {
		t.Data()[i%columns*rows+i/columns] = e
	}
	return t
}

// postTransform emits what the attribute post_transform makes of scores.
func postTransform(b *op.Builder, n *op.Node, y *ir.Value) *ir.Value {
	switch post := n.Str("post_transform"); post {
	case "NONE":
		return y
	case "LOGISTIC":
		return b.Op("Sigmoid", y)
	case "SOFTMAX":
		return b.OpA("Softmax", y, op.Attr("axis", -1))
	case "SOFTMAX_ZERO", "PROBIT":
		b.Fail(op.Unsupportedf("post_transform %s", post))
	default:
		b.Fail(op.Malformedf("post_transform is %q, expected NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO or PROBIT", post))
	}
	return y
}
