package loss

// KLUnitGaussian emits the divergence of normal distributions with given means and logarithms of
// variances from the unit normal distribution, in closed form and nats, summed over the last axis:
// -1/2*sum(1 + v - m^2 - exp(v)); Kingma and Welling 2013, appendix B. It is the second term of a
// variational autoencoder's loss.
func KLUnitGaussian(b *Builder, mean, logVariance *Value) *Value {
	inner := b.Sub(b.AddScalar(logVariance, 1), b.Add(b.Mul(mean, mean), b.Op("Exp", logVariance)))
	return b.Scale(b.Sum(inner, false, -1), -.5)
}
