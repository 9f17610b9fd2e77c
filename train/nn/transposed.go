package nn

// Conv1DTranspose is the transpose of a convolution of series [batch, steps, channels]: strides make it larger.
// The kernel is held as ONNX has it: [channels, filters, window...].
type Conv1DTranspose struct {
	Name                string
	Filters             int
	KernelSize          int
	Strides             int    // 1 where zero
	Padding             string // valid (default), same
	OutputPadding       *int   // nil: from Padding
	DataFormat          string
	DilationRate        int         // 1 where zero
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
func (l *Conv1DTranspose) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Conv1DTranspose) Build(b *Builder, in ...*Value) []*Value {
	var more []int
	if l.OutputPadding != nil {
		more = []int{*l.OutputPadding}
	}
	c := &convolution{
		window:  window{"Conv1DTranspose", []int{l.KernelSize}, []int{l.Strides}, []int{l.DilationRate}, l.Padding, l.DataFormat},
		filters: l.Filters, activation: l.Activation, noBias: l.NoBias,
		kernelInit: l.KernelInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.KernelRegularizer, biasReg: l.BiasRegularizer, activity: l.ActivityRegularizer,
		kernelCon: l.KernelConstraint, biasCon: l.BiasConstraint,
	}
	return c.buildTranspose(b, in[0], more)
}

// Conv2DTranspose is the transpose of a convolution of images [batch, height, width, channels]: strides make it larger.
// The kernel is held as ONNX has it: [channels, filters, window...].
type Conv2DTranspose struct {
	Name                string
	Filters             int
	KernelSize          [2]int
	Strides             [2]int  // 1s where zero
	Padding             string  // valid (default), same
	OutputPadding       *[2]int // nil: from Padding
	DataFormat          string
	DilationRate        [2]int      // 1s where zero
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
func (l *Conv2DTranspose) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Conv2DTranspose) Build(b *Builder, in ...*Value) []*Value {
	var more []int
	if l.OutputPadding != nil {
		more = l.OutputPadding[:]
	}
	c := &convolution{
		window:  window{"Conv2DTranspose", l.KernelSize[:], l.Strides[:], l.DilationRate[:], l.Padding, l.DataFormat},
		filters: l.Filters, activation: l.Activation, noBias: l.NoBias,
		kernelInit: l.KernelInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.KernelRegularizer, biasReg: l.BiasRegularizer, activity: l.ActivityRegularizer,
		kernelCon: l.KernelConstraint, biasCon: l.BiasConstraint,
	}
	return c.buildTranspose(b, in[0], more)
}

// Conv3DTranspose is the transpose of a convolution of volumes [batch, depth, height, width, channels]: strides make it larger.
// The kernel is held as ONNX has it: [channels, filters, window...].
type Conv3DTranspose struct {
	Name                string
	Filters             int
	KernelSize          [3]int
	Strides             [3]int  // 1s where zero
	Padding             string  // valid (default), same
	OutputPadding       *[3]int // nil: from Padding
	DataFormat          string
	DilationRate        [3]int      // 1s where zero
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
func (l *Conv3DTranspose) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Conv3DTranspose) Build(b *Builder, in ...*Value) []*Value {
	var more []int
	if l.OutputPadding != nil {
		more = l.OutputPadding[:]
	}
	c := &convolution{
		window:  window{"Conv3DTranspose", l.KernelSize[:], l.Strides[:], l.DilationRate[:], l.Padding, l.DataFormat},
		filters: l.Filters, activation: l.Activation, noBias: l.NoBias,
		kernelInit: l.KernelInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.KernelRegularizer, biasReg: l.BiasRegularizer, activity: l.ActivityRegularizer,
		kernelCon: l.KernelConstraint, biasCon: l.BiasConstraint,
	}
	return c.buildTranspose(b, in[0], more)
}
