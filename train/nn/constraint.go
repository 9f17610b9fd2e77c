package nn

// MaxNorm scales vectors along an axis down to MaxValue where they are longer; Srivastava et al. 2014.
type MaxNorm struct {
	MaxValue float64 // 2 where zero
	Axis     []int   // 0 where nil: the inputs of a unit of Dense
}

// Project implements [Constraint].
func (c MaxNorm) Project(b *Builder, w *Value) *Value {
	n := b.norms(w, c.Axis)
	limit := b.Op("Clip", n, b.Scalar(n, 0), b.Scalar(n, orDefault(c.MaxValue, 2)))
	return b.Mul(w, b.Div(limit, b.AddScalar(n, fuzz)))
}

// UnitNorm gives vectors along an axis length 1.
type UnitNorm struct {
	Axis []int // 0 where nil
}

// Project implements [Constraint].
func (c UnitNorm) Project(b *Builder, w *Value) *Value {
	return b.Div(w, b.AddScalar(b.norms(w, c.Axis), fuzz))
}

// MinMaxNorm brings the length of vectors along an axis into [MinValue, MaxValue], by the share Rate of
// the way in each update.
type MinMaxNorm struct {
	MinValue float64
	MaxValue float64 // 1 where zero
	Rate     float64 // 1 where zero
	Axis     []int   // 0 where nil
}

// Project implements [Constraint].
func (c MinMaxNorm) Project(b *Builder, w *Value) *Value {
	n, rate := b.norms(w, c.Axis), orDefault(c.Rate, 1)
	to := b.Op("Clip", n, b.Scalar(n, c.MinValue), b.Scalar(n, orDefault(c.MaxValue, 1)))
	to = b.Add(b.Scale(to, rate), b.Scale(n, 1-rate))
	return b.Mul(w, b.Div(to, b.AddScalar(n, fuzz)))
}

// NonNeg sets negative weights to zero.
type NonNeg struct{}

// Project implements [Constraint].
func (NonNeg) Project(b *Builder, w *Value) *Value { return b.Op("Relu", w) }

// fuzz is Keras's epsilon.
const fuzz = 1e-7

// norms returns the lengths of the vectors along axes, which stay with size 1.
func (b *Builder) norms(w *Value, axes []int) *Value {
	if axes == nil {
		axes = []int{0}
	}
	return b.Op("Sqrt", b.Sum(b.Mul(w, w), true, axes...))
}
