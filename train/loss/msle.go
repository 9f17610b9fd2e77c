package loss

// MeanSquaredLogarithmicError is mean((log(1+y)-log(1+p))^2) over the last axis, for numbers of at
// least 1e-7; smaller ones count as that.
type MeanSquaredLogarithmicError struct{}

// Name implements [Loss].
func (MeanSquaredLogarithmicError) Name() string { return "mean_squared_logarithmic_error" }

// PerSample implements [Loss].
func (MeanSquaredLogarithmicError) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	log := func(x *Value) *Value {
		return b.Op("Log", b.AddScalar(b.Op("Max", x, b.Scalar(x, epsilon)), 1))
	}
	d := b.Sub(log(yPred), log(aligned(b, yTrue, yPred)))
	return meanLast(b, b.Mul(d, d))
}
