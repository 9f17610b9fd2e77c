package nn

// Conv2D is activation(convolution + bias) of images [batch, height, width, channels]. The kernel is held as ONNX has it:
// [filters, channels/groups, window...].
type Conv2D struct {
	Name                string
	Filters             int
	KernelSize          [2]int
	Strides             [2]int // 1s where zero
	Padding             string // valid (default), same
	DataFormat          string
	DilationRate        [2]int      // 1s where zero
	Groups              int         // 1 where zero
	Activation          string      // linear where empty
	NoBias              bool        // Keras's use_bias=False
	KernelInitializer   Initializer // GlorotUniform where nil
	BiasInitializer     Initializer // Zeros where nil
	KernelRegularizer   Regularizer
	BiasRegularizer     Regularizer
	KernelConstraint    Constraint
	BiasConstraint      Constraint
	ActivityRegularizer Regularizer
}

// LayerName implements [Named].
func (l *Conv2D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Conv2D) Build(b *Builder, in ...*Value) []*Value {
	c := &convolution{
		window:  window{"Conv2D", l.KernelSize[:], l.Strides[:], l.DilationRate[:], l.Padding, l.DataFormat},
		filters: l.Filters, groups: l.Groups, activation: l.Activation, noBias: l.NoBias,
		kernelInit: l.KernelInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.KernelRegularizer, biasReg: l.BiasRegularizer, activity: l.ActivityRegularizer,
		kernelCon: l.KernelConstraint, biasCon: l.BiasConstraint,
	}
	return c.build(b, in[0])
}
