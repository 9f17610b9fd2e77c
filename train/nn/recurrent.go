package nn

import (
	"fmt"
	"math/rand/v2"
)

// recurrence is what SimpleRNN, LSTM and GRU share: their arguments, and how they walk through a series.
type recurrence struct {
	layer                 string
	operator              string // of ONNX
	gateAct, stateAct     int    // how many of its activations are recurrent, and how many activation behind them
	units                 int
	gates                 []int // Keras's gate at each place of ONNX's order
	states                int
	activation, recurrent string
	noBias, two           bool // two: the recurrent product has a bias of its own
	unitForget            bool

	kernelInit, recurrentInit, biasInit Initializer
	kernelReg, recurrentReg, biasReg    Regularizer
	kernelCon, recurrentCon, biasCon    Constraint
	activityReg                         Regularizer

	dropout, recurrentDropout float64
	sequences, state          bool
	backwards, zeroMasked     bool

	// step emits a cell: xz is the input's product [batch, gates*units], its bias included.
	step func(c *cell, xz *Value, states []*Value) []*Value
}

func orText(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// build emits the layer: in is the series [batch, steps, features] and, optionally, the first states.
func (l *recurrence) build(b *Builder, in []*Value) []*Value {
	x := in[0]
	n, ok := lastDim(x)
	if !ok || l.units <= 0 || x.Fact.Rank() != 3 {
		b.Fail(fmt.Errorf("%s{Units: %d} on %v: expected [batch, steps, features] with known features, and positive Units", l.layer, l.units, x.Fact))
		return in[:1]
	}
	if len(in) != 1 && len(in) != 1+l.states {
		b.Fail(fmt.Errorf("%s takes a series and, optionally, %d first states; got %d inputs", l.layer, l.states, len(in)))
		return in[:1]
	}
	if !b.rate(l.layer, l.dropout) || !b.rate(l.layer, l.recurrentDropout) {
		return in[:1]
	}
	mask := b.Mask(x)
	if l.dropout > 0 && l.recurrentDropout == 0 {
		x = b.OnlyTraining(x, func(b *Builder, x *Value, _ ...*Value) *Value {
			return b.Mul(x, b.DropMask(b.Slice(x, 1, 0, 1), l.dropout))
		})
	}
	w := l.params(b, n)
	if f, g := l.functions(); f != nil && mask == nil {
		return l.regularized(b, l.fused(b, x, w, in[1:], f, g))
	}
	return l.regularized(b, l.unrolled(b, x, w, in[1:], mask))
}

// regularized adds the penalty of each output.
func (l *recurrence) regularized(b *Builder, outs []*Value) []*Value {
	for _, y := range outs {
		b.activity(l.activityReg, y)
	}
	return outs
}

// weights are a recurrence's parameters as ONNX has them.
type weights struct {
	w, r *Value // [1, gates*units, features], [1, gates*units, units]
	bias *Value // [gates*units], or [1, 2*gates*units] where the recurrent product has one of its own; nil is none
}

// params makes the parameters.
func (l *recurrence) params(b *Builder, n int) weights {
	w := b.paramAs("kernel", l.gateLayout(n), orInit(l.kernelInit, GlorotUniform()), l.kernelReg, l.kernelCon)
	r := b.paramAs("recurrent_kernel", l.gateLayout(l.units), orInit(l.recurrentInit, Orthogonal{}), l.recurrentReg, l.recurrentCon)
	out := weights{w: w.Value, r: r.Value}
	if l.noBias {
		return out
	}
	size := len(l.gates) * l.units
	init := orInit(l.biasInit, Zeros{})
	if l.unitForget {
		init = forgetBias{init, l.units}
	}
	if l.two {
		both := layout{keras: []int{2, size}, perm: []int{0, 1}, shape: []int{1, 2 * size}}
		out.bias = b.paramAs("bias", both, init, l.biasReg, l.biasCon).Value
		return out
	}
	p := b.Param("bias", []int{size}, init)
	p.Regularizer, p.Constraint = l.biasReg, l.biasCon
	out.bias = p.Value
	return out
}

// gateLayout is for kernels [n, gates*units], which become [1, gates*units, n] as ONNX has them.
func (l *recurrence) gateLayout(n int) layout {
	k := len(l.gates)
	return layout{keras: []int{n, k * l.units}, parts: []int{n, k, l.units}, perm: []int{1, 2, 0}, shape: []int{1, k * l.units, n}}
}

// forgetBias is 1 for the forget gate, as Jozefowicz et al. 2015 recommend, and what it wraps elsewhere.
type forgetBias struct {
	Initializer
	units int
}

// Init implements [Initializer]. The gates are in ONNX's order: the forget gate is the third of four.
func (f forgetBias) Init(r *rand.Rand, shape []int, data []float32) {
	f.Initializer.Init(r, shape, data)
	for i := 2 * f.units; i < 3*f.units; i++ {
		data[i] = 1
	}
}
