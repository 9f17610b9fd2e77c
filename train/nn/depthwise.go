package nn

// DepthwiseConv1D convolves each channel of series [batch, steps, channels] by itself, to DepthMultiplier channels.
type DepthwiseConv1D struct {
	Name                 string
	KernelSize           int
	Strides              int    // 1 where zero
	Padding              string // valid (default), same, causal
	DataFormat           string
	DilationRate         int         // 1 where zero
	DepthMultiplier      int         // 1 where zero
	Activation           string      // linear where empty
	NoBias               bool        // Keras's use_bias=False
	DepthwiseInitializer Initializer // GlorotUniform where nil
	BiasInitializer      Initializer // Zeros where nil
	DepthwiseRegularizer Regularizer
	BiasRegularizer      Regularizer
	DepthwiseConstraint  Constraint
	BiasConstraint       Constraint
	ActivityRegularizer  Regularizer
}

// LayerName implements [Named].
func (l *DepthwiseConv1D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *DepthwiseConv1D) Build(b *Builder, in ...*Value) []*Value {
	c := &convolution{
		window:     window{"DepthwiseConv1D", []int{l.KernelSize}, []int{l.Strides}, []int{l.DilationRate}, l.Padding, l.DataFormat},
		activation: l.Activation, noBias: l.NoBias,
		kernelInit: l.DepthwiseInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.DepthwiseRegularizer, biasReg: l.BiasRegularizer, activity: l.ActivityRegularizer,
		kernelCon: l.DepthwiseConstraint, biasCon: l.BiasConstraint,
	}
	return c.buildDepthwise(b, in[0], l.DepthMultiplier)
}

// DepthwiseConv2D convolves each channel of images [batch, height, width, channels] by itself, to
// DepthMultiplier channels.
type DepthwiseConv2D struct {
	Name                 string
	KernelSize           [2]int
	Strides              [2]int // 1s where zero
	Padding              string // valid (default), same
	DataFormat           string
	DilationRate         [2]int      // 1s where zero
	DepthMultiplier      int         // 1 where zero
	Activation           string      // linear where empty
	NoBias               bool        // Keras's use_bias=False
	DepthwiseInitializer Initializer // GlorotUniform where nil
	BiasInitializer      Initializer // Zeros where nil
	DepthwiseRegularizer Regularizer
	BiasRegularizer      Regularizer
	DepthwiseConstraint  Constraint
	BiasConstraint       Constraint
	ActivityRegularizer  Regularizer
}

// LayerName implements [Named].
func (l *DepthwiseConv2D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *DepthwiseConv2D) Build(b *Builder, in ...*Value) []*Value {
	c := &convolution{
		window:     window{"DepthwiseConv2D", l.KernelSize[:], l.Strides[:], l.DilationRate[:], l.Padding, l.DataFormat},
		activation: l.Activation, noBias: l.NoBias,
		kernelInit: l.DepthwiseInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.DepthwiseRegularizer, biasReg: l.BiasRegularizer, activity: l.ActivityRegularizer,
		kernelCon: l.DepthwiseConstraint, biasCon: l.BiasConstraint,
	}
	return c.buildDepthwise(b, in[0], l.DepthMultiplier)
}
