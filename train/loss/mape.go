package loss

// MeanAbsolutePercentageError is 100*mean(|y-p|/max(|y|,1e-7)) over the last axis.
type MeanAbsolutePercentageError struct{}

// Name implements [Loss].
func (MeanAbsolutePercentageError) Name() string { return "mean_absolute_percentage_error" }

// PerSample implements [Loss].
func (MeanAbsolutePercentageError) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := aligned(b, yTrue, yPred)
	size := b.Op("Max", b.Op("Abs", y), b.Scalar(y, epsilon))
	return b.Scale(meanLast(b, b.Op("Abs", b.Div(b.Sub(y, yPred), size))), 100)
}
