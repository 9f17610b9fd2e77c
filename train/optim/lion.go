package optim

// Lion is w -= lr*sign(b1*m + (1-b1)*g), m = b2*m + (1-b2)*g; Chen et al., arXiv 2302.06675.
type Lion struct {
	LearningRate float64 // 0.001 where zero
	Beta1        float64 // 0.9 where zero
	Beta2        float64 // 0.99 where zero
	Options
}

// Name implements [Optimizer].
func (Lion) Name() string { return "lion" }

// Rate implements [Optimizer].
func (o Lion) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Update implements [Optimizer].
func (o Lion) Update(s *Step) *Value {
	m := s.Slots.Get("momentum", 0)
	mix := func(beta float64) *Value { return s.Add(s.Scale(m, beta), s.Scale(s.Grad, 1-beta)) }
	s.Slots.Set("momentum", mix(orDefault(o.Beta2, .99)))
	return s.Sub(s.Param, s.Mul(s.LearningRate, s.Op("Sign", mix(orDefault(o.Beta1, .9)))))
}
