package loss

// MeanSquaredError is mean((y-p)^2) over the last axis.
type MeanSquaredError struct{}

// Name implements [Loss].
func (MeanSquaredError) Name() string { return "mean_squared_error" }

// PerSample implements [Loss].
func (MeanSquaredError) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	d := b.Sub(yPred, aligned(b, yTrue, yPred))
	return meanLast(b, b.Mul(d, d))
}
