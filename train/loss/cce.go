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
	y := smoothClasses(b, aligned(b, yTrue, yPred), yPred, l.LabelSmoothing)
	return b.Neg(b.Sum(b.Mul(y, logProbabilities(b, yPred, l.FromLogits)), false, -1))
}

// smoothClasses moves one-hot targets towards equal probabilities.
func smoothClasses(b *Builder, y, yPred *Value, s float64) *Value {
	if s == 0 {
		return y
	}
	n, ok := classes(b, yPred)
	if !ok {
		return y
	}
	return b.AddScalar(b.Scale(y, 1-s), s/float64(n))
}

// logProbabilities returns log(p) of predicted probabilities, or of logits.
func logProbabilities(b *Builder, yPred *Value, fromLogits bool) *Value {
	if fromLogits {
		return b.OpA("LogSoftmax", yPred, op.Attr("axis", -1))
	}
	return b.Op("Log", probabilities(b, yPred))
}

// probabilities divides by the sum over the last axis and keeps away from 0 and 1.
func probabilities(b *Builder, p *Value) *Value {
	return clip(b, b.Div(p, b.Sum(p, true, -1)), epsilon, 1-epsilon)
}

func softmax(b *Builder, x *Value) *Value { return b.OpA("Softmax", x, op.Attr("axis", -1)) }

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
