package optim

// Adamax is [Adam] by the greatest gradient: m += (1-b1)*(g-m), u = max(b2*u, |g|),
// w -= lr/(1-b1^t) * m/(u+epsilon); Kingma and Ba, arXiv 1412.6980, section 7.
type Adamax struct {
	LearningRate float64 // 0.001 where zero
	Beta1        float64 // 0.9 where zero
	Beta2        float64 // 0.999 where zero
	Epsilon      float64 // 1e-7 where zero
	Options
}

// Name implements [Optimizer].
func (Adamax) Name() string { return "adamax" }

// Rate implements [Optimizer].
func (o Adamax) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Update implements [Optimizer].
func (o Adamax) Update(s *Step) *Value {
	b1, b2 := orDefault(o.Beta1, .9), orDefault(o.Beta2, .999)
	rate := s.Once("rate", func() *Value { return s.Div(s.LearningRate, s.correction(b1)) })
	m := s.average("momentum", s.Grad, 1-b1)
	u := s.Op("Max", s.Scale(s.Slots.Get("norm", 0), b2), s.each(func(g *Value) *Value { return s.Op("Abs", g) }))
	s.Slots.Set("norm", u)
	return s.Sub(s.Param, s.Div(s.Mul(m, rate), s.AddScalar(u, orDefault(o.Epsilon, 1e-7))))
}
