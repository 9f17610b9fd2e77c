package optim

// RMSprop is v = rho*v + (1-rho)*g^2, w -= lr*g/sqrt(v+epsilon); Tieleman and Hinton 2012.
//
// Centered takes the variance of the gradient, v minus the square of its running mean, in the place
// of v. With momentum the step is accumulated: m = momentum*m + step, w -= m. With TorchEpsilon, epsilon is added
// to the root, as in PyTorch and, without momentum, in Keras's optimizers before TensorFlow 2.11.
type RMSprop struct {
	LearningRate float64 // 0.001 where zero
	Rho          float64 // 0.9 where zero
	Momentum     float64
	Epsilon      float64 // 1e-7 where zero
	Centered     bool
	TorchEpsilon bool
	Options
}

// Name implements [Optimizer].
func (RMSprop) Name() string { return "rmsprop" }

// Rate implements [Optimizer].
func (o RMSprop) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Update implements [Optimizer].
func (o RMSprop) Update(s *Step) *Value {
	rho := orDefault(o.Rho, .9)
	v := s.Slots.Get("velocity", 0)
	v = s.Add(s.Scale(v, rho), s.Scale(s.squares(), 1-rho))
	s.Slots.Set("velocity", v)
	if o.Centered {
		a := s.Slots.Get("average_gradient", 0)
		a = s.Add(s.Scale(a, rho), s.Scale(s.Grad, 1-rho))
		s.Slots.Set("average_gradient", a)
		v = s.Sub(v, s.Mul(a, a))
	}
	epsilon := orDefault(o.Epsilon, 1e-7)
	var size *Value
	if o.TorchEpsilon {
		size = s.AddScalar(s.Op("Sqrt", s.Op("Max", v, s.Scalar(v, 0))), epsilon)
	} else {
		size = s.Op("Sqrt", s.AddScalar(v, epsilon))
	}
	down := s.Div(s.Mul(s.LearningRate, s.Grad), size)
	if o.Momentum > 0 {
		down = s.Add(s.Scale(s.Slots.Get("momentum", 0), o.Momentum), down)
		s.Slots.Set("momentum", down)
	}
	return s.Sub(s.Param, down)
}
