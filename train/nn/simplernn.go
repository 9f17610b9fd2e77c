package nn

// SimpleRNN walks through a series [batch, steps, features] with h = activation(x·kernel + bias + h·recurrent).
type SimpleRNN struct {
	Name                 string
	Units                int
	Activation           string      // tanh where empty
	NoBias               bool        // Keras's use_bias=False
	KernelInitializer    Initializer // GlorotUniform where nil
	RecurrentInitializer Initializer // Orthogonal where nil
	BiasInitializer      Initializer // Zeros where nil
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
func (l *SimpleRNN) LayerName() string { return l.Name }

// Build implements [Layer]. Further inputs are the first states, zero where there are none.
func (l *SimpleRNN) Build(b *Builder, in ...*Value) []*Value { return l.recurrence().build(b, in) }

func (l *SimpleRNN) recurrence() *recurrence {
	return &recurrence{
		layer: "SimpleRNN", operator: "RNN", gateAct: 0, stateAct: 1, units: l.Units, gates: []int{0}, states: 1, activation: l.Activation,
		noBias:     l.NoBias,
		kernelInit: l.KernelInitializer, recurrentInit: l.RecurrentInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.KernelRegularizer, recurrentReg: l.RecurrentRegularizer, biasReg: l.BiasRegularizer,
		kernelCon: l.KernelConstraint, recurrentCon: l.RecurrentConstraint, biasCon: l.BiasConstraint, activityReg: l.ActivityRegularizer,
		dropout: l.Dropout, recurrentDropout: l.RecurrentDropout, sequences: l.ReturnSequences, state: l.ReturnState,
		backwards: l.GoBackwards, zeroMasked: l.ZeroOutputForMask, step: simpleStep,
	}
}

func simpleStep(c *cell, xz *Value, s []*Value) []*Value {
	return []*Value{c.act(c.Add(xz, c.product(s[0])))}
}
