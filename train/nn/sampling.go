package nn

import "fmt"

// Sampling draws from normal distributions with given means and logarithms of variances by the
// reparameterisation trick: z = mean + exp(logVariance/2)*n with n from the unit normal distribution;
// Kingma and Welling 2013. Its inputs are mean and logarithm of variance, of one shape.
type Sampling struct {
	Name string
	// KLWeight, where not zero, adds KLWeight times the divergence from the unit normal distribution,
	// -1/2*sum(1 + v - m^2 - exp(v)) over the last axis in the mean of the batch, to the loss.
	KLWeight float64
	// KLWarmUp is the number of steps over which KLWeight rises from 0, see [Penalty].
	KLWarmUp int
	// Deterministic gives the mean outside training.
	Deterministic bool
}

// LayerName implements [Named].
func (l *Sampling) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Sampling) Build(b *Builder, in ...*Value) []*Value {
	if len(in) != 2 || in[0].Fact.Rank() != in[1].Fact.Rank() {
		b.Fail(fmt.Errorf("Sampling takes mean and logarithm of variance of one shape, got %d inputs", len(in)))
		return in[:1]
	}
	if l.KLWarmUp < 0 {
		b.Fail(fmt.Errorf("Sampling{KLWarmUp: %d}: a number of steps must not be negative", l.KLWarmUp))
		return in[:1]
	}
	mean, logVariance := in[0], in[1]
	stddev := b.Op("Exp", b.Scale(logVariance, .5))
	if l.KLWeight != 0 {
		emit := func(b *Builder, of ...*Value) *Value {
			m, v := of[0], of[1]
			inner := b.Sub(b.AddScalar(v, 1), b.Add(b.Mul(m, m), b.Op("Exp", v)))
			each := b.Sum(inner, false, -1)
			return b.Scale(b.Reduce("ReduceMean", each, false), -.5*l.KLWeight)
		}
		b.AddPenalty(Penalty{Of: []*Value{mean, logVariance}, Emit: emit, WarmUp: l.KLWarmUp})
	}
	if l.Deterministic {
		return []*Value{b.OnlyTraining(mean, sample, stddev)}
	}
	return []*Value{sample(b, mean, stddev)}
}

// sample is mean + stddev*n.
func sample(b *Builder, mean *Value, stddev ...*Value) *Value {
	return b.Add(mean, b.Mul(stddev[0], b.OpA("RandomNormalLike", mean)))
}
