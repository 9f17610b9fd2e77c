package loss

// MeanAbsoluteError is mean(|y-p|) over the last axis.
type MeanAbsoluteError struct{}

// Name implements [Loss].
func (MeanAbsoluteError) Name() string { return "mean_absolute_error" }

// PerSample implements [Loss].
func (MeanAbsoluteError) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	return meanLast(b, b.Op("Abs", b.Sub(yPred, aligned(b, yTrue, yPred))))
}
