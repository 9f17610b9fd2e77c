package optim

// Ftrl follows the regularised leader; McMahan et al. 2013. With p = -LearningRatePower,
// g' = g + 2*L2Shrinkage*w and a' = a + g^2 it is z += g' - (a'^p - a^p)/lr * w,
// w = (clip(z, -L1, L1) - z) / (a'^p/lr + 2*L2 + Beta/lr), a = a'.
type Ftrl struct {
	LearningRate            float64 // 0.001 where zero
	LearningRatePower       float64 // -0.5 where zero; Zero is a constant learning rate
	InitialAccumulatorValue float64 // 0.1 where zero
	L1                      float64 // l1_regularization_strength
	L2                      float64 // l2_regularization_strength
	L2Shrinkage             float64 // l2_shrinkage_regularization_strength
	Beta                    float64
	Options
}

// Name implements [Optimizer].
func (Ftrl) Name() string { return "ftrl" }

// Rate implements [Optimizer].
func (o Ftrl) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Update implements [Optimizer].
func (o Ftrl) Update(s *Step) *Value {
	power := func(x *Value) *Value {
		switch p := -orDefault(o.LearningRatePower, -.5); p {
		case .5:
			return s.Op("Sqrt", x)
		default:
			return s.Op("Pow", x, s.Scalar(x, p))
		}
	}
	g := s.Grad
	if o.L2Shrinkage != 0 {
		g = s.Add(g, s.Scale(s.Param, 2*o.L2Shrinkage))
	}
	a := s.Slots.Get("accumulator", float32(orDefault(o.InitialAccumulatorValue, .1)))
	next := s.Add(a, s.squares())
	grown := power(next)
	sigma := s.Div(s.Sub(grown, power(a)), s.LearningRate)
	z := s.Add(s.Slots.Get("linear", 0), s.Sub(g, s.Mul(sigma, s.Param)))
	s.Slots.Set("accumulator", next)
	s.Slots.Set("linear", z)
	l2 := s.Once("l2", func() *Value {
		return s.AddScalar(s.Div(s.Scalar(s.LearningRate, o.Beta), s.LearningRate), 2*o.L2)
	})
	quadratic := s.Add(s.Div(grown, s.LearningRate), l2)
	kept := s.Op("Clip", z, s.Scalar(z, -o.L1), s.Scalar(z, o.L1))
	return s.Div(s.Sub(kept, z), quadratic)
}
