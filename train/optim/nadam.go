package optim

import (
	"fmt"
	"math"
)

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
	// PerVariable lets the k-th of n parameters, from 0, take P_(t-1)*u_t^(k+1) for P_t, with one factor less
	// where n <= t <= n+k; the last one's is P_t to the next update. So it is in Keras 2 from TensorFlow 2.11 on,
	// which counts the factors while it traces its graph, and traces twice.
	PerVariable bool
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
		p := s.Mul(s.Scalars.Get("u_product", 1), o.times(s, now, s.Count-1))
		s.Scalars.Set("u_product", p)
		return p
	})
	suffix := ""
	if o.PerVariable {
		suffix = fmt.Sprint(" ", s.Index)
		product = s.Mul(s.Scalars.Get("u_product", 1), o.times(s, now, s.Index))
	}
	one := s.Scalar(now, 1)
	ahead := s.Once("ahead"+suffix, func() *Value { return s.Div(next, s.Sub(one, s.Mul(product, next))) })
	here := s.Once("here"+suffix, func() *Value { return s.Div(s.Sub(one, now), s.Sub(one, product)) })
	seen := s.Once("seen", func() *Value { return s.correction(b2) })

	m := s.average("momentum", s.Grad, 1-b1)
	v := s.average("velocity", s.squares(), 1-b2)
	m = s.Add(s.Mul(m, ahead), s.Mul(s.Grad, here))
	down := s.Div(s.Mul(m, s.LearningRate), s.AddScalar(s.Op("Sqrt", s.Div(v, seen)), orDefault(o.Epsilon, 1e-7)))
	return s.Sub(s.Param, down)
}

// times returns what P_(t-1) is multiplied by for the k-th parameter.
func (o Nadam) times(s *Step, u *Value, k int) *Value {
	if !o.PerVariable {
		return u
	}
	from, to := s.Scalar(s.Iteration, float64(s.Count)), s.Scalar(s.Iteration, float64(s.Count+k))
	cached := s.Op("And", s.Op("GreaterOrEqual", s.Iteration, from), s.Op("LessOrEqual", s.Iteration, to))
	return s.Op("Pow", u, s.Where(cached, s.Scalar(u, float64(k)), s.Scalar(u, float64(k+1))))
}
