package optim

import "math"

// Nadam is [Adam] with Nesterov's momentum; Dozat 2016. With u_t = b1*(1 - 0.96^(d*t)/2), P_t = u_1*...*u_t
// and m, v as in Adam, it is
// w -= lr * (u_(t+1)*m/(1-P_(t+1)) + (1-u_t)*g/(1-P_t)) / (sqrt(v/(1-b2^t)) + epsilon).
type Nadam struct {
	LearningRate float64 // 0.001 where zero
	Beta1        float64 // 0.9 where zero
	Beta2        float64 // 0.999 where zero
	Epsilon      float64 // 1e-7 where zero
	// ScheduleDecay is d, 1 where zero. It is 0.004 in PyTorch, where it is called momentum_decay, and in Keras
	// before TensorFlow 2.11.
	ScheduleDecay float64
	Options
}

// Name implements [Optimizer].
func (Nadam) Name() string { return "nadam" }

// Rate implements [Optimizer].
func (o Nadam) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Update implements [Optimizer].
func (o Nadam) Update(s *Step) *Value {
	b1, b2 := orDefault(o.Beta1, .9), orDefault(o.Beta2, .999)
	u := func(name string, iteration func() *Value) *Value {
		return s.Once(name, func() *Value {
			t := iteration()
			base := math.Pow(.96, orDefault(o.ScheduleDecay, 1))
			half := s.Scale(s.Op("Pow", s.Scalar(t, base), t), -.5)
			return s.Scale(s.AddScalar(half, 1), b1)
		})
	}
	now := u("u", func() *Value { return s.Iteration })
	next := u("u next", func() *Value { return s.AddScalar(s.Iteration, 1) })
	product := s.Once("u product", func() *Value {
		p := s.Mul(s.Scalars.Get("u_product", 1), now)
		s.Scalars.Set("u_product", p)
		return p
	})
	one := s.Scalar(now, 1)
	ahead := s.Once("ahead", func() *Value { return s.Div(next, s.Sub(one, s.Mul(product, next))) })
	here := s.Once("here", func() *Value { return s.Div(s.Sub(one, now), s.Sub(one, product)) })
	seen := s.Once("seen", func() *Value { return s.correction(b2) })

	m := s.average("momentum", s.Grad, 1-b1)
	v := s.average("velocity", s.squares(), 1-b2)
	m = s.Add(s.Mul(m, ahead), s.Mul(s.Grad, here))
	down := s.Div(s.Mul(m, s.LearningRate), s.AddScalar(s.Op("Sqrt", s.Div(v, seen)), orDefault(o.Epsilon, 1e-7)))
	return s.Sub(s.Param, down)
}
