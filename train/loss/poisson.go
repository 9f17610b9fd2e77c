package loss

// Poisson is mean(p - y*log(p+1e-7)) over the last axis: the negative logarithm of the Poisson
// distribution with mean p, without what does not depend on p.
type Poisson struct{}

// Name implements [Loss].
func (Poisson) Name() string { return "poisson" }

// PerSample implements [Loss].
func (Poisson) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := aligned(b, yTrue, yPred)
	return meanLast(b, b.Sub(yPred, b.Mul(y, b.Op("Log", b.AddScalar(yPred, epsilon)))))
}
