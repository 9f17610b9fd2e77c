package optim

// ScheduleFreeAdamW needs no schedule; Defazio et al., arXiv 2405.15682. It keeps z, which starts at the
// parameter, and a = beta_2*a + (1-beta_2)*g^2. The parameter w lies between z and their mean x:
//
//	x = (w - (1-b1)*z) / b1
//	z -= lr*g / (sqrt(a/(1-b2^t)) + epsilon)
//	w = (1-b1)*z + b1*((1-1/t)*x + z/t)
//
// In the first WarmupSteps the learning rate rises to lr in equal steps. As in Keras, w is also what is
// evaluated and written, and there is no weight decay unless Options has one.
type ScheduleFreeAdamW struct {
	LearningRate float64 // 0.0025 where zero
	Beta1        float64 // 0.9 where zero
	Beta2        float64 // 0.999 where zero
	Epsilon      float64 // 1e-8 where zero
	WarmupSteps  int
	Options
}

// Name implements [Optimizer].
func (ScheduleFreeAdamW) Name() string { return "schedule_free_adamw" }

// Rate implements [Optimizer].
func (o ScheduleFreeAdamW) Rate() float64 { return orDefault(o.LearningRate, .0025) }

// Update implements [Optimizer].
func (o ScheduleFreeAdamW) Update(s *Step) *Value {
	b1, b2 := orDefault(o.Beta1, .9), orDefault(o.Beta2, .999)
	rate := s.LearningRate
	if o.WarmupSteps > 0 {
		rate = s.Once("rate", func() *Value {
			done := s.Scale(s.Iteration, 1/float64(o.WarmupSteps))
			return s.Mul(s.LearningRate, s.Op("Min", done, s.Scalar(done, 1)))
		})
	}
	seen := s.Once("seen", func() *Value { return s.correction(b2) })
	share := s.Once("share", func() *Value { return s.Op("Reciprocal", s.Iteration) })
	rest := s.Once("rest", func() *Value { return s.Sub(s.Scalar(share, 1), share) })

	v := s.average("velocity", s.squares(), 1-b2)
	z := s.Where(s.first(), s.Before, s.Slots.Get("momentum", 0))
	x := s.Scale(s.Sub(s.Param, s.Scale(z, 1-b1)), 1/b1)
	root := s.AddScalar(s.Op("Sqrt", s.Div(v, seen)), orDefault(o.Epsilon, 1e-8))
	z = s.Sub(z, s.Div(s.Mul(s.Grad, rate), root))
	s.Slots.Set("momentum", z)
	x = s.Add(s.Mul(x, rest), s.Mul(z, share))
	return s.Add(s.Scale(z, 1-b1), s.Scale(x, b1))
}
