package loss

import (
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// CTC is connectionist temporal classification: minus the logarithm of the probability that a series of
// steps, each giving a class or the blank, spells the target once repeated classes are joined and blanks
// left out; Graves et al. 2006. As in Keras, predictions are logits [batch, steps, classes], targets class
// numbers [batch, length], and 0 is the blank and fills targets that are shorter.
//
// The forward recursion is laid out step by step, so steps and length must be known. Where no path spells
// the target, being too short, the loss is about 1e5.
type CTC struct{}

// Name implements [Loss].
func (CTC) Name() string { return "ctc" }

// impossible is the logarithm of a probability that counts as none.
const impossible = -1e5

// PerSample implements [Loss].
func (CTC) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	t, p := yTrue.Fact, yPred.Fact
	if t.Rank() != 2 || p.Rank() != 3 {
		b.Fail(op.Shapef("targets are %v, predictions %v: ctc takes class numbers [batch, length] and logits [batch, steps, classes]", t, p))
		return yPred
	}
	length, ok := t.Shape[1].Int()
	steps, ok2 := p.Shape[1].Int()
	if !ok || !ok2 || length == 0 || steps == 0 {
		b.Fail(op.Shapef("targets are %v, predictions %v: ctc needs the numbers of steps and labels", t, p))
		return yPred
	}
	c := &ctc{b, 2*length + 1}
	y := b.Cast(yTrue, int64Type)
	path := c.path(y)
	index := b.Expand(b.Unsqueeze(path, 1), b.Ints(1, steps, 1))
	logs := b.Emit(1, "GatherElements", []*Value{b.OpA("LogSoftmax", yPred, op.Attr("axis", -1)), index}, op.Attr("axis", 2))[0]
	emit := []*Value{logs}
	if steps > 1 {
		emit = b.Emit(steps, "Split", []*Value{logs}, op.Attr("axis", 1), op.Attr("num_outputs", steps))
	}
	skip := c.skips(path)
	var alpha *Value
	for i, e := range emit {
		e = b.Squeeze(e, 1)
		if i == 0 {
			start := b.Op("GreaterOrEqual", c.places(), b.Ints(2))
			alpha = b.Where(start, b.Scalar(e, impossible), e)
			continue
		}
		alpha = b.Add(c.logSum(alpha, c.shift(alpha, 1), b.Add(c.shift(alpha, 2), b.Cast(skip, alpha.Fact.DType))), e)
	}
	labels := b.Sum(b.Cast(notEqual(b, y, 0), int64Type), true, 1)
	last := b.Add(labels, labels)
	end := b.Op("Or", b.Op("Equal", c.places(), last), b.Op("Equal", c.places(), b.AddScalar(last, -1)))
	return b.Neg(b.Reduce("ReduceLogSumExp", b.Where(end, alpha, b.Scalar(alpha, impossible)), false, 1))
}

// ctc emits the parts of the recursion over the places of a path: blank, label, blank, ..., label, blank.
type ctc struct {
	*Builder
	n int
}

// path returns the classes at the places of the path, [batch, n].
func (c *ctc) path(y *Value) *Value {
	blank := c.Sub(y, y)
	pairs := c.Concat(2, c.Unsqueeze(y, 2), c.Unsqueeze(blank, 2))
	return c.Concat(1, c.Slice(blank, 1, 0, 1), c.ReshapeTo(pairs, -1, c.n-1))
}

// places returns 0 to n-1.
func (c *ctc) places() *Value {
	at := make([]int, c.n)
	for i := range at {
		at[i] = i
	}
	return c.Ints(at...)
}

// skips returns 0 where a step may come from two places before, a label that differs from the one before,
// and impossible elsewhere.
func (c *ctc) skips(path *Value) *Value {
	before := c.Slice(c.Op("Pad", path, c.Ints(0, 2, 0, 0)), 1, 0, c.n)
	same := c.Op("Or", c.Op("Equal", path, before), c.Op("Equal", path, c.Scalar(path, 0)))
	return c.Where(same, c.Const(tensor.Scalar[float32](impossible)), c.Const(tensor.Scalar[float32](0)))
}

// shift moves the places by k to the right.
func (c *ctc) shift(alpha *Value, k int) *Value {
	return c.Slice(c.Op("Pad", alpha, c.Ints(0, k, 0, 0), c.Scalar(alpha, impossible)), 1, 0, c.n)
}

// logSum is log(exp(x)+exp(y)+exp(z)).
func (c *ctc) logSum(xs ...*Value) *Value {
	for i, x := range xs {
		xs[i] = c.Unsqueeze(x, 2)
	}
	return c.Reduce("ReduceLogSumExp", c.Concat(2, xs...), false, 2)
}
