package optim

// Lamb is [Adam] with a step of the size of the parameter: with m and v as there and
// u = m/(1-b1^t) / (sqrt(v/(1-b2^t)) + epsilon) it is w -= lr*|w|/|u|*u, without the ratio where
// either norm is zero; You et al., arXiv 1904.00962.
type Lamb struct {
	LearningRate float64 // 0.001 where zero
	Beta1        float64 // 0.9 where zero
	Beta2        float64 // 0.999 where zero
	Epsilon      float64 // 1e-7 where zero
	Options
}

// Name implements [Optimizer].
func (Lamb) Name() string { return "lamb" }

// Rate implements [Optimizer].
func (o Lamb) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Update implements [Optimizer].
func (o Lamb) Update(s *Step) *Value {
	b1, b2 := orDefault(o.Beta1, .9), orDefault(o.Beta2, .999)
	seen1 := s.Once("seen 1", func() *Value { return s.correction(b1) })
	seen2 := s.Once("seen 2", func() *Value { return s.correction(b2) })
	m := s.average("momentum", s.Grad, 1-b1)
	v := s.average("velocity", s.squares(), 1-b2)
	u := s.Div(s.Div(m, seen1), s.AddScalar(s.Op("Sqrt", s.Div(v, seen2)), orDefault(o.Epsilon, 1e-7)))
	norm := func(x *Value) *Value { return s.Op("Sqrt", s.Sum(s.Mul(x, x), false)) }
	wn, un := norm(s.Param), norm(u)
	zero := s.Scalar(wn, 0)
	both := s.Op("And", s.Op("Greater", wn, zero), s.Op("Greater", un, zero))
	one := s.Scalar(wn, 1)
	ratio := s.Where(both, s.Div(wn, s.Where(both, un, one)), one)
	return s.Sub(s.Param, s.Mul(s.Mul(ratio, s.LearningRate), u))
}
