package loss

// KLDivergence is sum(y*log(y/p)) over the last axis, y and p limited to [1e-7, 1]; Kullback and Leibler 1951.
type KLDivergence struct{}

// Name implements [Loss].
func (KLDivergence) Name() string { return "kl_divergence" }

// PerSample implements [Loss].
func (KLDivergence) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y, p := clip(b, aligned(b, yTrue, yPred), epsilon, 1), clip(b, yPred, epsilon, 1)
	return b.Sum(b.Mul(y, b.Op("Log", b.Div(y, p))), false, -1)
}
