package nn

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
)

// recurrence is what SimpleRNN, LSTM and GRU share: their arguments, and how they walk through a series.
// The steps are laid out one behind the other, so the length of the series must be known.
type recurrence struct {
	layer                 string
	units                 int
	gates                 []int // Keras's gate at each place of ONNX's order
	states                int
	activation, recurrent string
	noBias, two           bool // two: the recurrent product has a bias of its own
	unitForget            bool

	kernelInit, recurrentInit, biasInit Initializer
	kernelReg, recurrentReg, biasReg    Regularizer
	kernelCon, recurrentCon, biasCon    Constraint

	dropout, recurrentDropout float64
	sequences, state          bool
	backwards, zeroMasked     bool

	// step emits a cell: xz is the input's product [batch, gates*units], its bias included.
	step func(c *cell, xz *Value, states []*Value) []*Value
}

// cell is a recurrence's parameters as steps use them.
type cell struct {
	*Builder
	*recurrence
	r    *Value // recurrent kernel [units, gates*units]
	bias *Value // of the recurrent product; nil is none
	keep *Value // recurrent dropout's factor; nil is none
}

func (c *cell) act(x *Value) *Value  { return c.Activate(orText(c.activation, "tanh"), x) }
func (c *cell) gate(x *Value) *Value { return c.Activate(orText(c.recurrent, "sigmoid"), x) }
func (c *cell) split(x *Value) []*Value {
	return c.Emit(len(c.gates), "Split", []*Value{x}, op.Attr("axis", -1), op.Attr("num_outputs", len(c.gates)))
}

// product is state·recurrent kernel, with the bias that belongs to it.
func (c *cell) product(h *Value) *Value {
	y := c.MatMul(c.dropped(h), c.r)
	if c.bias != nil {
		y = c.Add(y, c.bias)
	}
	return y
}

func (c *cell) dropped(h *Value) *Value {
	if c.keep == nil {
		return h
	}
	return c.Mul(h, c.keep)
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
	steps, ok := x.Fact.Shape[1].Int()
	if !ok || steps == 0 {
		b.Fail(fmt.Errorf("%s on %v: %w", l.layer, x.Fact, errSteps))
		return in[:1]
	}
	if len(in) != 1 && len(in) != 1+l.states {
		b.Fail(fmt.Errorf("%s takes a series and, optionally, %d first states; got %d inputs", l.layer, l.states, len(in)))
		return in[:1]
	}
	mask := b.Mask(x)
	if l.dropout > 0 && b.rate(l.layer, l.dropout) {
		x = b.OnlyTraining(x, func(b *Builder, x *Value, _ ...*Value) *Value {
			return b.Mul(x, b.drop(b.Slice(x, 1, 0, 1), l.dropout))
		})
	}
	c := &cell{Builder: b, recurrence: l}
	xz := c.inputs(x, n)
	states := slices.Clone(in[1:])
	if len(states) == 0 {
		batch := b.Slice(b.Shape(x), 0, 0, 1)
		zero := b.Expand(b.Scalar(x, 0), b.Concat(0, batch, b.Ints(l.units)))
		for range l.states {
			states = append(states, zero)
		}
	}
	if l.recurrentDropout > 0 && b.rate(l.layer, l.recurrentDropout) {
		one := b.AddScalar(b.Mul(states[0], b.Scalar(x, 0)), 1)
		c.keep = b.OnlyTraining(one, func(b *Builder, x *Value, _ ...*Value) *Value { return b.drop(x, l.recurrentDropout) })
	}
	outs, states := c.walk(xz, mask, states, steps)
	return l.outputs(b, outs, states, mask)
}

var errSteps = errors.New("the number of steps must be known: give the input a fixed length")

// inputs makes the parameters and returns x·kernel + bias for all steps: [batch, steps, gates*units].
func (c *cell) inputs(x *Value, n int) *Value {
	l, b, k := c.recurrence, c.Builder, len(c.gates)
	w := b.paramAs("kernel", l.gateLayout(n), orInit(l.kernelInit, GlorotUniform()), l.kernelReg, l.kernelCon)
	r := b.paramAs("recurrent_kernel", l.gateLayout(l.units), orInit(l.recurrentInit, Orthogonal{}), l.recurrentReg, l.recurrentCon)
	c.r = b.Transpose(b.Squeeze(r.Value, 0), 1, 0)
	xz := b.MatMul(x, b.Transpose(b.Squeeze(w.Value, 0), 1, 0))
	if l.noBias {
		return xz
	}
	size := k * l.units
	init := orInit(l.biasInit, Zeros{})
	if l.unitForget {
		init = forgetBias{init, l.units}
	}
	if !l.two {
		p := b.Param("bias", []int{size}, init)
		p.Regularizer, p.Constraint = l.biasReg, l.biasCon
		return b.Add(xz, p.Value)
	}
	p := b.paramAs("bias", layout{keras: []int{2, size}, perm: []int{0, 1}, shape: []int{1, 2 * size}}, init, l.biasReg, l.biasCon)
	both := b.Emit(2, "Split", []*Value{b.Squeeze(p.Value, 0)}, op.Attr("num_outputs", 2))
	c.bias = both[1]
	return b.Add(xz, both[0])
}

// gateLayout is for kernels [n, gates*units], which become [1, gates*units, n] as ONNX has them.
func (l *recurrence) gateLayout(n int) layout {
	k := len(l.gates)
	return layout{keras: []int{n, k, l.units}, perm: []int{1, 2, 0}, shape: []int{1, k * l.units, n}}
}

// walk goes through the steps and returns the output of each and the last states.
func (c *cell) walk(xz, mask *Value, states []*Value, steps int) (outs, last []*Value) {
	parts := c.steps(xz, steps)
	var valid []*Value
	if mask != nil {
		valid = c.steps(mask, steps)
	}
	var out *Value
	for t := range steps {
		if c.backwards {
			t = steps - 1 - t
		}
		next := c.step(c, c.Squeeze(parts[t], 1), states)
		h := next[0]
		if valid != nil {
			for i := range next {
				next[i] = c.Where(valid[t], next[i], states[i])
			}
			switch {
			case c.zeroMasked || out == nil:
				h = c.Where(valid[t], h, c.Scalar(h, 0))
			default:
				h = c.Where(valid[t], h, out)
			}
		}
		out, states = h, next
		outs = append(outs, h)
	}
	return outs, states
}

// steps parts a series along its second axis.
func (c *cell) steps(x *Value, n int) []*Value {
	if n == 1 {
		return []*Value{x}
	}
	return c.Emit(n, "Split", []*Value{x}, op.Attr("axis", 1), op.Attr("num_outputs", n))
}

// outputs returns the sequence or its last output, and the states where they are asked for.
func (l *recurrence) outputs(b *Builder, outs, states []*Value, mask *Value) []*Value {
	y := outs[len(outs)-1]
	if l.sequences {
		each := make([]*Value, len(outs))
		for i, o := range outs {
			each[i] = b.Unsqueeze(o, 1)
		}
		y = b.Concat(1, each...)
		if mask != nil && l.backwards {
			mask = b.reverse(mask)
		}
		b.SetMask(y, mask)
	}
	if l.state {
		return append([]*Value{y}, states...)
	}
	return []*Value{y}
}

// reverse turns the second axis, whose size is known, around.
func (b *Builder) reverse(x *Value) *Value {
	return b.Op("Slice", x, b.Ints(-1), b.Ints(-1<<62), b.Ints(1), b.Ints(-1))
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
