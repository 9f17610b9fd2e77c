package optim

// SGD is w -= lr*g; with momentum v = momentum*v - lr*g and w += v, or with Nesterov's variant
// w += momentum*v - lr*g.
type SGD struct {
	LearningRate float64 // 0.01 where zero
	Momentum     float64
	Nesterov     bool
	Options
}

// Name implements [Optimizer].
func (SGD) Name() string { return "sgd" }

// Rate implements [Optimizer].
func (o SGD) Rate() float64 { return orDefault(o.LearningRate, .01) }

// Update implements [Optimizer].
func (o SGD) Update(s *Step) *Value {
	down := s.Mul(s.LearningRate, s.Grad)
	if o.Momentum == 0 {
		return s.Sub(s.Param, down)
	}
	v := s.Sub(s.Scale(s.Slots.Get("momentum", 0), o.Momentum), down)
	s.Slots.Set("momentum", v)
	if o.Nesterov {
		return s.Add(s.Param, s.Sub(s.Scale(v, o.Momentum), down))
	}
	return s.Add(s.Param, v)
}
