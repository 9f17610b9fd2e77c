package loss

import "math"

// LogCosh is mean(log(cosh(p-y))) over the last axis, as d + softplus(-2d) - log 2, which does not
// overflow.
type LogCosh struct{}

// Name implements [Loss].
func (LogCosh) Name() string { return "log_cosh" }

// PerSample implements [Loss].
func (LogCosh) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	d := b.Sub(yPred, aligned(b, yTrue, yPred))
	return meanLast(b, b.AddScalar(b.Add(d, b.Op("Softplus", b.Scale(d, -2))), -math.Ln2))
}
