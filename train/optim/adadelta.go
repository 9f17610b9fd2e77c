package optim

// Adadelta is a = rho*a + (1-rho)*g^2, d = -g*sqrt(b+epsilon)/sqrt(a+epsilon),
// b = rho*b + (1-rho)*d^2, w += lr*d; Zeiler, arXiv 1212.5701.
type Adadelta struct {
	LearningRate float64 // 0.001 where zero; the paper has 1
	Rho          float64 // 0.95 where zero
	Epsilon      float64 // 1e-7 where zero
	Options
}

// Name implements [Optimizer].
func (Adadelta) Name() string { return "adadelta" }

// Rate implements [Optimizer].
func (o Adadelta) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Update implements [Optimizer].
func (o Adadelta) Update(s *Step) *Value {
	rho, epsilon := orDefault(o.Rho, .95), orDefault(o.Epsilon, 1e-7)
	mix := func(slot string, squares *Value) *Value {
		v := s.Add(s.Scale(s.Slots.Get(slot, 0), rho), s.Scale(squares, 1-rho))
		s.Slots.Set(slot, v)
		return v
	}
	rms := func(x *Value) *Value { return s.Op("Sqrt", s.AddScalar(x, epsilon)) }
	deltas := s.Slots.Get("accumulated_delta_var", 0)
	grads := mix("accumulated_grad", s.squares())
	d := s.Neg(s.Div(s.Mul(rms(deltas), s.Grad), rms(grads)))
	squares := s.Mul(d, d)
	if s.Occurrences != nil {
		squares = s.Mul(s.Div(s.AddScalar(deltas, epsilon), s.AddScalar(grads, epsilon)), s.squares())
	}
	mix("accumulated_delta_var", squares)
	return s.Add(s.Param, s.Mul(s.LearningRate, d))
}
