package optim

// AdamW is [Adam] with weight decay 0.004 where Options says nothing else; Loshchilov and Hutter,
// arXiv 1711.05101.
type AdamW struct {
	LearningRate float64 // 0.001 where zero
	Beta1        float64 // 0.9 where zero
	Beta2        float64 // 0.999 where zero
	Epsilon      float64 // 1e-7 where zero
	AMSGrad      bool
	TorchEpsilon bool // see Adam
	Options
}

// Name implements [Optimizer].
func (AdamW) Name() string { return "adamw" }

// Common returns the options with the weight decay that is used.
func (o AdamW) Common() Options {
	o.WeightDecay = orDefault(o.WeightDecay, .004)
	return o.Options
}

// Rate implements [Optimizer].
func (o AdamW) Rate() float64 { return orDefault(o.LearningRate, .001) }

// Update implements [Optimizer].
func (o AdamW) Update(s *Step) *Value {
	return Adam{Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon, AMSGrad: o.AMSGrad, TorchEpsilon: o.TorchEpsilon}.Update(s)
}
