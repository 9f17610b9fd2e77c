package loss

import "github.com/onnxtool/onnxtool/internal/op"

// CategoricalCrossentropy is -sum(y*log(p)) over the last axis, for one-hot or soft targets.
//
// p is divided by its sum and limited to [1e-7, 1-1e-7], as in Keras. With FromLogits the predictions
// are logits, and log(p) is their log-softmax.
type CategoricalCrossentropy struct {
	FromLogits     bool
	LabelSmoothing float64 // moves y towards 1/n: y*(1-s) + s/n for n classes
}

// Name implements [Loss].
func (CategoricalCrossentropy) Name() string { return "categorical_crossentropy" }

// PerSample implements [Loss].
func (l CategoricalCrossentropy) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := aligned(b, yTrue, yPred)
	if l.LabelSmoothing != 0 {
		n, ok := classes(b, yPred)
		if !ok {
			return y
		}
		y = b.AddScalar(b.Scale(y, 1-l.LabelSmoothing), l.LabelSmoothing/float64(n))
	}
	return b.Neg(b.Sum(b.Mul(y, logProbabilities(b, yPred, l.FromLogits)), false, -1))
}

// SparseCategoricalCrossentropy is CategoricalCrossentropy for targets that are class numbers: of
// shape (n) or (n,1) for predictions (n, classes).
type SparseCategoricalCrossentropy struct {
	FromLogits bool
}

// Name implements [Loss].
func (SparseCategoricalCrossentropy) Name() string { return "sparse_categorical_crossentropy" }

// PerSample implements [Loss].
func (l SparseCategoricalCrossentropy) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y, rank := yTrue, yPred.Fact.Rank()
	if y.Fact.Rank() == rank-1 {
		y = b.Unsqueeze(y, -1)
	}
	if r := y.Fact.Rank(); r != rank || !y.Fact.Shape[r-1].Is(1) {
		b.Fail(op.Shapef("targets are %v, predictions %v: class numbers have the predictions' shape without the last axis, or with 1 there", yTrue.Fact, yPred.Fact))
		return y
	}
	picked := b.Emit(1, "GatherElements", []*Value{logProbabilities(b, yPred, l.FromLogits), b.Cast(y, int64Type)}, op.Attr("axis", -1))[0]
	return b.Neg(b.Squeeze(picked, -1))
}

// logProbabilities returns log(p) of predicted probabilities, or of logits.
func logProbabilities(b *Builder, yPred *Value, fromLogits bool) *Value {
	if fromLogits {
		return b.OpA("LogSoftmax", yPred, op.Attr("axis", -1))
	}
	p := b.Div(yPred, b.Sum(yPred, true, -1))
	return b.Op("Log", clip(b, p, epsilon, 1-epsilon))
}

// classes returns the size of the last axis.
func classes(b *Builder, yPred *Value) (int, bool) {
	s := yPred.Fact.Shape
	if len(s) > 0 {
		if n, ok := s[len(s)-1].Int(); ok {
			return n, true
		}
	}
	b.Fail(op.Shapef("predictions are %v: the number of classes must be known", yPred.Fact))
	return 0, false
}
