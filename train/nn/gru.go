package nn

// GRU walks through a series [batch, steps, features] with gates z and r, of x·kernel + bias + h·recurrent
// (recurrent activation), and a candidate g: h = z*h + (1-z)*g; Cho et al., arXiv 1406.1078. By default
// r multiplies h·recurrent + recurrent bias in g = activation(x·kernel + bias + r*(...)); with ResetBefore,
// Keras's reset_after=False, it multiplies h before the product.
type GRU struct {
	Name                 string
	Units                int
	Activation           string      // tanh where empty
	RecurrentActivation  string      // sigmoid where empty
	NoBias               bool        // Keras's use_bias=False
	KernelInitializer    Initializer // GlorotUniform where nil
	RecurrentInitializer Initializer // Orthogonal where nil
	BiasInitializer      Initializer // Zeros where nil
	ResetBefore          bool        // Keras's reset_after=False
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
func (l *GRU) LayerName() string { return l.Name }

// Build implements [Layer]. Further inputs are the first states, zero where there are none.
func (l *GRU) Build(b *Builder, in ...*Value) []*Value { return l.recurrence().build(b, in) }

func (l *GRU) recurrence() *recurrence {
	step := gruStep
	if l.ResetBefore {
		step = gruStepBefore
	}
	return &recurrence{
		layer: "GRU", operator: "GRU", gateAct: 1, stateAct: 1, units: l.Units, gates: []int{0, 1, 2}, states: 1, activation: l.Activation, recurrent: l.RecurrentActivation,
		noBias: l.NoBias, two: !l.ResetBefore,
		kernelInit: l.KernelInitializer, recurrentInit: l.RecurrentInitializer, biasInit: l.BiasInitializer,
		kernelReg: l.KernelRegularizer, recurrentReg: l.RecurrentRegularizer, biasReg: l.BiasRegularizer,
		kernelCon: l.KernelConstraint, recurrentCon: l.RecurrentConstraint, biasCon: l.BiasConstraint, activityReg: l.ActivityRegularizer,
		dropout: l.Dropout, recurrentDropout: l.RecurrentDropout, sequences: l.ReturnSequences, state: l.ReturnState,
		backwards: l.GoBackwards, zeroMasked: l.ZeroOutputForMask, step: step,
	}
}

func gruStep(c *cell, xz *Value, s []*Value) []*Value {
	x, h := c.split(xz), c.split(c.product(s[0]))
	z, r := c.gate(c.Add(x[0], h[0])), c.gate(c.Add(x[1], h[1]))
	return []*Value{c.blend(z, s[0], c.act(c.Add(x[2], c.Mul(r, h[2]))))}
}

func gruStepBefore(c *cell, xz *Value, s []*Value) []*Value {
	x, u, h := c.split(xz), c.split(c.r), s[0]
	times := func(h *Value, gate int) *Value {
		if c.keep == nil {
			return c.MatMul(h, u[gate])
		}
		return c.times(h, u[gate], c.keep[gate:gate+1])
	}
	z, r := c.gate(c.Add(x[0], times(h, 0))), c.gate(c.Add(x[1], times(h, 1)))
	return []*Value{c.blend(z, h, c.act(c.Add(x[2], times(c.Mul(r, h), 2))))}
}

// blend is z*h + (1-z)*g.
func (c *cell) blend(z, h, g *Value) *Value {
	return c.Add(c.Mul(z, h), c.Mul(c.Sub(c.Scalar(z, 1), z), g))
}
