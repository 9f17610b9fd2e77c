package nn

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
)

// cell is a recurrence's parameters as steps use them.
type cell struct {
	*Builder
	*recurrence
	r    *Value   // recurrent kernel [units, gates*units]
	bias *Value   // of the recurrent product; nil is none
	keep []*Value // recurrent dropout's factors of the gates; none is none
}

func (c *cell) act(x *Value) *Value     { return c.Activate(orText(c.activation, "tanh"), x) }
func (c *cell) gate(x *Value) *Value    { return c.Activate(orText(c.recurrent, "sigmoid"), x) }
func (c *cell) split(x *Value) []*Value { return c.splitLast(x, len(c.gates)) }

// splitLast parts the last axis into n of one size.
func (b *Builder) splitLast(x *Value, n int) []*Value {
	return b.Emit(n, "Split", []*Value{x}, op.Attr("axis", -1), op.Attr("num_outputs", n))
}

// product is state·recurrent kernel, with the bias that belongs to it.
func (c *cell) product(h *Value) *Value {
	y := c.times(h, c.r, c.keep)
	if c.bias != nil {
		y = c.Add(y, c.bias)
	}
	return y
}

var errSteps = errors.New("the number of steps must be known where a mask or an activation that ONNX's operator lacks is used: give the input a fixed length")

// unrolled emits the steps one behind the other, which can do everything, for series of known length.
func (l *recurrence) unrolled(b *Builder, x *Value, w weights, states []*Value, mask *Value) []*Value {
	steps, ok := x.Fact.Shape[1].Int()
	if !ok || steps == 0 {
		b.Fail(fmt.Errorf("%s on %v: %w", l.layer, x.Fact, errSteps))
		return []*Value{x}
	}
	c := &cell{Builder: b, recurrence: l, r: b.Transpose(b.Squeeze(w.r, 0), 1, 0)}
	xz := b.times(x, b.Transpose(b.Squeeze(w.w, 0), 1, 0), l.masks(b, b.Squeeze(b.Slice(x, 1, 0, 1), 1), l.dropout))
	switch {
	case w.bias == nil:
	case l.two:
		both := b.Emit(2, "Split", []*Value{b.Squeeze(w.bias, 0)}, op.Attr("num_outputs", 2))
		xz, c.bias = b.Add(xz, both[0]), both[1]
	default:
		xz = b.Add(xz, w.bias)
	}
	states = slices.Clone(states)
	if len(states) == 0 {
		batch := b.Slice(b.Shape(x), 0, 0, 1)
		zero := b.Expand(b.Scalar(x, 0), b.Concat(0, batch, b.Ints(l.units)))
		for range l.states {
			states = append(states, zero)
		}
	}
	c.keep = l.masks(b, states[0], l.recurrentDropout)
	outs, states := c.walk(xz, mask, states, steps)
	return l.outputs(b, outs, states, mask)
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
	return b.Op("Slice", x, b.Ints(-1), b.Ints(math.MinInt), b.Ints(1), b.Ints(-1))
}
