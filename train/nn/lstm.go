package nn

// LSTM walks through a series [batch, steps, features] with a state h and a memory c: of the gates i, f, o
// (input, forget, output, recurrent activation) and the candidate g (activation), each of
// x·kernel + bias + h·recurrent, it makes c = f*c + i*g and h = o*activation(c); Hochreiter and
// Schmidhuber 1997, Gers et al. 2000.
//
// Its parameters have the gates in ONNX's order i, o, f, g; Keras has i, f, g, o.
type LSTM struct {
	Name                 string
	Units                int
	Activation           string      // tanh where empty
	RecurrentActivation  string      // sigmoid where empty
	NoBias               bool        // Keras's use_bias=False
	KernelInitializer    Initializer // GlorotUniform where nil
	RecurrentInitializer Initializer // Orthogonal where nil
	BiasInitializer      Initializer // Zeros where nil
	NoUnitForgetBias     bool        // Keras's unit_forget_bias=False: the forget gate's bias starts as the others
	KernelRegularizer    Regularizer
	RecurrentRegularizer Regularizer
	BiasRegularizer      Regularizer
	KernelConstraint     Constraint
	RecurrentConstraint  Constraint
	BiasConstraint       Constraint
	ActivityRegularizer  Regularizer // of each output
	Dropout              float64     // of the inputs, the same in each step
	RecurrentDropout     float64     // of the state, the same in each step
	ReturnSequences      bool        // the output of each step, not of the last alone
	ReturnState          bool        // the last states too, as further outputs
	GoBackwards          bool        // from the last step to the first; sequences come in that order
	ZeroOutputForMask    bool        // the output of masked steps is 0, not that of the step before
}

// LayerName implements [Named].
func (l *LSTM) LayerName() string { return l.Name }

// Build implements [Layer]. Further inputs are the first states, zero where there are none.
func (l *LSTM) Build(b *Builder, in ...*Value) []*Value { return l.recurrence().build(b, in) }

func (l *LSTM) recurrence() *recurrence {
	return &recurrence{
		layer: "LSTM", operator: "LSTM", gateAct: 1, stateAct: 2, units: l.Units, gates: []int{0, 3, 1, 2}, states: 2, activation: l.Activation, recurrent: l.RecurrentActivation,
		noBias: l.NoBias, unitForget: !l.NoUnitForgetBias,
		kernelInit: l.KernelInitializer, recurrentInit: l.RecurrentInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.KernelRegularizer, recurrentReg: l.RecurrentRegularizer, biasReg: l.BiasRegularizer,
		kernelCon: l.KernelConstraint, recurrentCon: l.RecurrentConstraint, biasCon: l.BiasConstraint, activityReg: l.ActivityRegularizer,
		dropout: l.Dropout, recurrentDropout: l.RecurrentDropout, sequences: l.ReturnSequences, state: l.ReturnState,
		backwards: l.GoBackwards, zeroMasked: l.ZeroOutputForMask, step: lstmStep,
	}
}

func lstmStep(c *cell, xz *Value, s []*Value) []*Value {
	z := c.split(c.Add(xz, c.product(s[0])))
	i, o, f, g := c.gate(z[0]), c.gate(z[1]), c.gate(z[2]), c.act(z[3])
	memory := c.Add(c.Mul(f, s[1]), c.Mul(i, g))
	return []*Value{c.Mul(o, c.act(memory)), memory}
}
