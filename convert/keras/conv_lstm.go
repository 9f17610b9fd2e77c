package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// convCell is the cell of ConvLSTM1D to 3D: an LSTM whose products are convolutions, so that its states
// are images. Gates are i, f, c, o along the channels:
//
//	z = conv(x, kernel) + bias + conv(h, recurrent_kernel)
//	c' = sigmoid(f)·c + sigmoid(i)·tanh(c),  h' = sigmoid(o)·tanh(c')
type convCell struct {
	n, filters    int
	first         bool // channels before the axes in space
	window        window
	kernel        *ir.Value // (4·filters, channels, window...)
	recurrent     *ir.Value // (4·filters, filters, window...)
	bias          *ir.Value
	function      func(*emit, *ir.Value) *ir.Value
	gate          func(*emit, *ir.Value) *ir.Value
	inputChannels int
}

// convDims is how many axes in space the images of a ConvLSTM have, 0 for other classes.
func convDims(class string) int {
	return map[string]int{"ConvLSTM1D": 1, "ConvLSTM2D": 2, "ConvLSTM3D": 3}[class]
}

// convCellOf reads a ConvLSTM and takes its weights.
func (x *emit) convCellOf(l *layer) *convCell {
	for _, k := range []string{"dropout", "recurrent_dropout", "unit_forget_bias", "implementation"} {
		l.get(k)
	}
	c := &convCell{n: convDims(l.Class), filters: l.integer("filters", 0), first: x.channelsFirst()}
	c.window = x.convWindow(c.n)
	if c.filters < 1 || c.filters > 1<<20 {
		x.Fail(argument("filters", l.get("filters")))
		return nil
	}
	perm := kernelPerm(c.n)
	kernel := x.take("kernel", append(slices.Clone(c.window.size), -1, 4*c.filters)...)
	recurrent := x.take("recurrent_kernel", append(slices.Clone(c.window.size), c.filters, 4*c.filters)...)
	if kernel == nil || recurrent == nil {
		return nil
	}
	c.inputChannels = kernel.Shape()[c.n]
	c.kernel, c.recurrent = x.constant("kernel", permuted(kernel, perm...)), x.constant("recurrent_kernel", permuted(recurrent, perm...))
	if l.flag("use_bias", true) {
		c.bias = x.weight("bias", 4*c.filters)
	}
	l.get("activation")
	l.get("recurrent_activation")
	activate := func(key string) func(*emit, *ir.Value) *ir.Value {
		return func(x *emit, v *ir.Value) *ir.Value { // x may belong to a wrapper
			own := *x
			own.layer = l
			return own.activate(key, v)
		}
	}
	c.function, c.gate = activate("activation"), activate("recurrent_activation")
	return c
}

// runConv emits a ConvLSTM in one direction, step by step: the convolution of the input is one for all
// steps. What it gives has the channels where the layer has them.
func (x *emit) runConv(r *recurrence, v *ir.Value, init []*ir.Value, mask *ir.Value) ran {
	c := r.conv
	if v.Fact.Rank() != c.n+3 {
		x.Fail(op.Shapef("a ConvLSTM%dD takes (batch, time, ...) of rank %d, not %v", c.n, c.n+3, v.Fact))
		return ran{sequence: v, last: v, states: []*ir.Value{v, v}}
	}
	time, known := v.Fact.Shape[1].Int()
	if !known || time < 1 || time > maxUnrolled {
		return x.scanConv(r, v, init, mask)
	}
	steps := make([]*ir.Value, time)
	z := c.inputs(x, v, time)
	var h, state, last *ir.Value
	if init != nil {
		h, state = x.toFront(init[0], c.first), x.toFront(init[1], c.first)
	}
	for i := range steps {
		at := i
		if r.backwards {
			at = len(steps) - 1 - i
		}
		newH, newState := c.step(x, z[at], h, state)
		if mask == nil {
			h, state, last = newH, newState, newH
			steps[at] = h
			continue
		}
		keep := x.Slice(mask, 1, at, at+1) // (batch, 1)
		for range c.n + 1 {
			keep = x.Unsqueeze(keep, keep.Fact.Rank())
		}
		before := last
		if before == nil || r.zeros {
			before = x.Scalar(newH, 0)
		}
		out := x.Where(keep, newH, before)
		if h == nil {
			h, state = x.Scalar(newH, 0), x.Scalar(newH, 0)
		}
		h, state, last = x.Where(keep, newH, h), x.Where(keep, newState, state), out
		steps[at] = out
	}
	out := ran{last: x.fromFront(last, c.first), states: []*ir.Value{x.fromFront(h, c.first), x.fromFront(state, c.first)}}
	if r.sequences {
		out.sequence = c.sequence(x, x.stacked(steps, 1))
	}
	return out
}

// sequence brings all steps (batch, time, filters, ...) to the layer's order.
func (c *convCell) sequence(x *emit, all *ir.Value) *ir.Value {
	if c.first {
		return all
	}
	perm := []int{0, 1}
	for i := range c.n {
		perm = append(perm, i+3)
	}
	return x.Transpose(all, append(perm, 2)...)
}

// convolved convolves the input at all steps at once: (batch·time, 4·filters, ...).
func (c *convCell) convolved(x *emit, v *ir.Value) *ir.Value {
	joined := x.toFront(x.joinFirst(x.float(v), -1, 2), c.first)
	if ch, ok := joined.Fact.Shape[1].Int(); ok && ch != c.inputChannels {
		x.Fail(op.Malformedf("the kernel takes %d channels, the input has %d", c.inputChannels, ch))
		return joined
	}
	return x.Emit(1, "Conv", []*ir.Value{joined, c.kernel, c.bias}, c.window.attrs(x, joined, true)...)[0]
}

// inputs is the convolved input of each step: (batch, 4·filters, ...).
func (c *convCell) inputs(x *emit, v *ir.Value, time int) []*ir.Value {
	z := c.convolved(x, v)
	if x.Err() != nil {
		return make([]*ir.Value, time)
	}
	if time == 1 {
		return one(z)
	}
	return x.cut(x.stepsApart(z, v), 1, slices.Repeat([]int{1}, time), true)
}

// step is one step; nil states are zero.
func (c *convCell) step(x *emit, z, h, state *ir.Value) (*ir.Value, *ir.Value) {
	if h != nil {
		ones := slices.Repeat([]int{1}, c.n)
		w := window{c.window.size, ones, ones, "same"}
		z = x.Add(z, x.Emit(1, "Conv", []*ir.Value{h, c.recurrent}, w.attrs(x, h, true)...)[0])
	}
	gates := x.cut(z, 1, slices.Repeat([]int{c.filters}, 4), false)
	next := x.Mul(c.gate(x, gates[0]), c.function(x, gates[2]))
	if state != nil {
		next = x.Add(x.Mul(c.gate(x, gates[1]), state), next)
	}
	return x.Mul(c.gate(x, gates[3]), c.function(x, next)), next
}

// scanConv is runConv with a Scan, for steps that are many or not known.
func (x *emit) scanConv(r *recurrence, v *ir.Value, init []*ir.Value, mask *ir.Value) ran {
	c := r.conv
	z := x.stepsApart(c.convolved(x, v), v)
	if x.Err() != nil {
		return ran{sequence: v, last: v, states: []*ir.Value{v, v}}
	}
	perm := identityPerm(c.n + 3)
	perm[0], perm[1] = 1, 0
	xs := one(x.Transpose(z, perm...)) // (time, batch, 4·filters, ...)
	shape := x.Concat(0, x.Op("Slice", x.Shape(z), x.Ints(0), x.Ints(1)), x.Ints(c.filters), x.Op("Slice", x.Shape(z), x.Ints(3), x.Ints(c.n+3)))
	zero := x.Expand(x.Scalar(z, 0), shape)
	states := []*ir.Value{zero, zero}
	if init != nil {
		states = []*ir.Value{x.toFront(init[0], c.first), x.toFront(init[1], c.first)}
	}
	if mask != nil {
		m := x.Transpose(mask, 1, 0)
		for range c.n + 1 {
			m = x.Unsqueeze(m, m.Fact.Rank())
		}
		xs, states = append(xs, m), append(states, zero) // the last output
	}
	last, all := x.scan(states, xs, r.backwards, func(x *emit, states, rows []*ir.Value) ([]*ir.Value, *ir.Value) {
		h, state := c.step(x, rows[0], states[0], states[1])
		if mask == nil {
			return []*ir.Value{h, state}, h
		}
		before := states[2]
		if r.zeros {
			before = x.Scalar(h, 0)
		}
		out := x.Where(rows[1], h, before)
		return []*ir.Value{x.Where(rows[1], h, states[0]), x.Where(rows[1], state, states[1]), out}, out
	})
	out := ran{last: last[len(last)-1], states: []*ir.Value{x.fromFront(last[0], c.first), x.fromFront(last[1], c.first)}}
	if mask == nil {
		out.last = last[0]
	}
	out.last = x.fromFront(out.last, c.first)
	if r.sequences {
		out.sequence = c.sequence(x, x.Transpose(all, perm...))
	}
	return out
}
