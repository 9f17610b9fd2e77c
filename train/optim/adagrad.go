package optim

// Adagrad is a += g^2, w -= lr*g/sqrt(a+epsilon); Duchi et al. 2011.
type Adagrad struct {
	LearningRate            float64 // 0.001 where zero
	InitialAccumulatorValue float64 // 0.1 where zero
	Epsilon                 float64 // 1e-7 where zero
	Options
}

// Name implements [Optimizer].
func (Adagrad) Name() string { return "adagrad" }

// Rate implements [Optimizer].
func (o Adagrad) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Update implements [Optimizer].
func (o Adagrad) Update(s *Step) *Value {
	a := s.Slots.Get("accumulator", float32(orDefault(o.InitialAccumulatorValue, .1)))
	a = s.Add(a, s.squares())
	s.Slots.Set("accumulator", a)
	return s.Sub(s.Param, s.Div(s.Mul(s.LearningRate, s.Grad), s.Op("Sqrt", s.AddScalar(a, orDefault(o.Epsilon, 1e-7)))))
}
