package nn

// SeparableConv1D convolves each channel of series by itself, then mixes the channels at each step.
type SeparableConv1D struct {
	Name                 string
	Filters              int
	KernelSize           int
	Strides              int    // 1 where zero
	Padding              string // valid (default), same, causal
	DataFormat           string
	DilationRate         int         // 1 where zero
	DepthMultiplier      int         // 1 where zero
	Activation           string      // linear where empty
	NoBias               bool        // Keras's use_bias=False
	DepthwiseInitializer Initializer // GlorotUniform where nil
	PointwiseInitializer Initializer // GlorotUniform where nil
	BiasInitializer      Initializer // Zeros where nil
	DepthwiseRegularizer Regularizer
	PointwiseRegularizer Regularizer
	BiasRegularizer      Regularizer
	DepthwiseConstraint  Constraint
	PointwiseConstraint  Constraint
	BiasConstraint       Constraint
	ActivityRegularizer  Regularizer
}

// LayerName implements [Named].
func (l *SeparableConv1D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *SeparableConv1D) Build(b *Builder, in ...*Value) []*Value {
	c := &convolution{
		window:  window{"SeparableConv1D", []int{l.KernelSize}, []int{l.Strides}, []int{l.DilationRate}, l.Padding, l.DataFormat},
		filters: l.Filters, activation: l.Activation, noBias: l.NoBias,
		kernelInit: l.PointwiseInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.PointwiseRegularizer, biasReg: l.BiasRegularizer, activity: l.ActivityRegularizer,
		kernelCon: l.PointwiseConstraint, biasCon: l.BiasConstraint,
	}
	return c.buildSeparable(b, in[0], l.DepthMultiplier, separable{l.DepthwiseInitializer, l.DepthwiseRegularizer, l.DepthwiseConstraint})
}

// SeparableConv2D convolves each channel of images by itself, then mixes the channels at each pixel; Chollet,
// arXiv 1610.02357.
type SeparableConv2D struct {
	Name                 string
	Filters              int
	KernelSize           [2]int
	Strides              [2]int // 1s where zero
	Padding              string // valid (default), same
	DataFormat           string
	DilationRate         [2]int      // 1s where zero
	DepthMultiplier      int         // 1 where zero
	Activation           string      // linear where empty
	NoBias               bool        // Keras's use_bias=False
	DepthwiseInitializer Initializer // GlorotUniform where nil
	PointwiseInitializer Initializer // GlorotUniform where nil
	BiasInitializer      Initializer // Zeros where nil
	DepthwiseRegularizer Regularizer
	PointwiseRegularizer Regularizer
	BiasRegularizer      Regularizer
	DepthwiseConstraint  Constraint
	PointwiseConstraint  Constraint
	BiasConstraint       Constraint
	ActivityRegularizer  Regularizer
}

// LayerName implements [Named].
func (l *SeparableConv2D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *SeparableConv2D) Build(b *Builder, in ...*Value) []*Value {
	c := &convolution{
		window:  window{"SeparableConv2D", l.KernelSize[:], l.Strides[:], l.DilationRate[:], l.Padding, l.DataFormat},
		filters: l.Filters, activation: l.Activation, noBias: l.NoBias,
		kernelInit: l.PointwiseInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.PointwiseRegularizer, biasReg: l.BiasRegularizer, activity: l.ActivityRegularizer,
		kernelCon: l.PointwiseConstraint, biasCon: l.BiasConstraint,
	}
	return c.buildSeparable(b, in[0], l.DepthMultiplier, separable{l.DepthwiseInitializer, l.DepthwiseRegularizer, l.DepthwiseConstraint})
}
