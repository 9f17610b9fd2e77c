package nn

// Conv3D is activation(convolution + bias) of volumes [batch, depth, height, width, channels]. The kernel is held as ONNX has it:
// [filters, channels/groups, window...].
type Conv3D struct {
	Name                string
	Filters             int
	KernelSize          [3]int
	Strides             [3]int // 1s where zero
	Padding             string // valid (default), same
	DataFormat          string
	DilationRate        [3]int      // 1s where zero
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
func (l *Conv3D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Conv3D) Build(b *Builder, in ...*Value) []*Value {
	c := &convolution{
		window:  window{"Conv3D", l.KernelSize[:], l.Strides[:], l.DilationRate[:], l.Padding, l.DataFormat},
		filters: l.Filters, groups: l.Groups, activation: l.Activation, noBias: l.NoBias,
		kernelInit: l.KernelInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.KernelRegularizer, biasReg: l.BiasRegularizer, activity: l.ActivityRegularizer,
		kernelCon: l.KernelConstraint, biasCon: l.BiasConstraint,
	}
	return c.build(b, in[0])
}
