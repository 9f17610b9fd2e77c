package optim

// Adam is m += (1-b1)*(g-m), v += (1-b2)*(g^2-v),
// w -= lr*sqrt(1-b2^t)/(1-b1^t) * m/(sqrt(v)+epsilon); Kingma and Ba, arXiv 1412.6980.
//
// With AMSGrad the greatest v so far takes the place of v; Reddi et al. 2018. With TorchEpsilon, epsilon is
// added to sqrt(v/(1-b2^t)), as in PyTorch and in the paper's algorithm 1; Keras's is the paper's epsilon hat.
type Adam struct {
	LearningRate float64 // 0.001 where zero
	Beta1        float64 // 0.9 where zero
	Beta2        float64 // 0.999 where zero
	Epsilon      float64 // 1e-7 where zero
	AMSGrad      bool
	TorchEpsilon bool
	Options
}

// Name implements [Optimizer].
func (Adam) Name() string { return "adam" }

// Rate implements [Optimizer].
func (o Adam) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Update implements [Optimizer].
func (o Adam) Update(s *Step) *Value {
	b1, b2 := orDefault(o.Beta1, .9), orDefault(o.Beta2, .999)
	alpha := s.Once("alpha", func() *Value {
		return s.Div(s.Mul(s.LearningRate, s.Op("Sqrt", s.correction(b2))), s.correction(b1))
	})
	m := s.average("momentum", s.Grad, 1-b1)
	v := s.average("velocity", s.squares(), 1-b2)
	if o.AMSGrad {
		v = s.Op("Max", s.Slots.Get("velocity_hat", 0), v)
		s.Slots.Set("velocity_hat", v)
	}
	epsilon := s.Scalar(v, orDefault(o.Epsilon, 1e-7))
	if o.TorchEpsilon {
		epsilon = s.Once("epsilon", func() *Value { return s.Mul(epsilon, s.Op("Sqrt", s.correction(b2))) })
	}
	down := s.Div(s.Mul(m, alpha), s.Add(s.Op("Sqrt", v), epsilon))
	return s.Sub(s.Param, down)
}
