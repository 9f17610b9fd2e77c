package nn

// Conv1D is activation(convolution + bias) of series [batch, steps, channels]. The kernel is held as ONNX has it:
// [filters, channels/groups, window...].
type Conv1D struct {
	Name                string
	Filters             int
	KernelSize          int
	Strides             int    // 1 where zero
	Padding             string // valid (default), same, causal
	DataFormat          string
	DilationRate        int         // 1 where zero
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
func (l *Conv1D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Conv1D) Build(b *Builder, in ...*Value) []*Value {
	c := &convolution{
		window:  window{"Conv1D", []int{l.KernelSize}, []int{l.Strides}, []int{l.DilationRate}, l.Padding, l.DataFormat},
		filters: l.Filters, groups: l.Groups, activation: l.Activation, noBias: l.NoBias,
		kernelInit: l.KernelInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.KernelRegularizer, biasReg: l.BiasRegularizer, activity: l.ActivityRegularizer,
		kernelCon: l.KernelConstraint, biasCon: l.BiasConstraint,
	}
	return c.build(b, in[0])
}
