package optim_test

import (
	"fmt"

	"github.com/onnxtool/onnxtool/train/optim"
)

// SignSGD is an optimizer of one's own: w -= lr*sign(m), m = .9*m + .1*g; Bernstein et al., arXiv 1802.04434. It has
// the methods of optim.Optimizer, and with Options what all optimizers share: clipping, decay, schedules.
type SignSGD struct {
	LearningRate float64
	optim.Options
}

// Name is what checkpoints call it.
func (SignSGD) Name() string { return "sign_sgd" }

// Rate is the learning rate at the start.
func (o SignSGD) Rate() float64 { return o.LearningRate }

// Update emits the ONNX operators of a parameter's update. A slot is kept from step to step, and in checkpoints.
func (SignSGD) Update(s *optim.Step) *optim.Value {
	m := s.Add(s.Scale(s.Slots.Get("momentum", 0), .9), s.Scale(s.Grad, .1))
	s.Slots.Set("momentum", m)
	return s.Sub(s.Param, s.Mul(s.LearningRate, s.Op("Sign", m)))
}

func Example() {
	var o optim.Optimizer = SignSGD{LearningRate: .01, Options: optim.Options{ClipNorm: 1}} // for train.Config
	fmt.Println(o.Name(), o.Rate())
	// Output: sign_sgd 0.01
}
