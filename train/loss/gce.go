package loss

import "github.com/onnxtool/onnxtool/internal/op"

// CategoricalGeneralizedCrossEntropy is (1-p^Q)/Q with p the probability of the target's class, which bears
// wrong labels better than the logarithm; Zhang and Sabuncu, arXiv 1805.07836. Targets are class numbers
// as in [SparseCategoricalCrossentropy].
type CategoricalGeneralizedCrossEntropy struct {
	Q float64 // in (0,1); 0.5 where zero
}

// Name implements [Loss].
func (CategoricalGeneralizedCrossEntropy) Name() string {
	return "categorical_generalized_cross_entropy"
}

// PerSample implements [Loss].
func (l CategoricalGeneralizedCrossEntropy) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	q := orDefault(l.Q, .5)
	if q < 0 || q >= 1 {
		b.Fail(op.Malformedf("categorical_generalized_cross_entropy: q is %v, it must be in (0,1)", q))
		return yPred
	}
	y := b.Cast(classNumbers(b, yTrue, yPred), int64Type)
	p := b.Squeeze(b.Emit(1, "GatherElements", []*Value{yPred, y}, op.Attr("axis", -1))[0], -1)
	return b.Scale(b.Sub(b.Scalar(p, 1), power(b, p, q)), 1/q)
}
