package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// other reports whether the cell has an activation that ONNX's recurrent operators lack.
func (c *cell) other() bool {
	return slices.ContainsFunc(c.functions, func(f function) bool { return f.name == "" })
}

// stepwise emits what node does for a cell with any activation: steps one by one, or a Scan where they are
// many or not known. v is (time, batch, features), init holds the states as (1, batch, units). It returns all
// steps (time, 1, batch, units) and the last states.
func (x *emit) stepwise(c *cell, v *ir.Value, init []*ir.Value, lengths *ir.Value, backwards bool, suffix string) (*ir.Value, []*ir.Value) {
	states := make([]*ir.Value, c.states())
	rows := len(c.w) / max(1, c.features)
	turned := func(name string, k []float32, cols int) *ir.Value { // (rows, cols) to (cols, rows)
		t, err := tensor.New(k, rows, cols)
		if err != nil {
			x.Fail(err)
			return v
		}
		return x.constant(name+suffix, permuted(t, 1, 0))
	}
	s := &stepper{x: x, c: c, recurrent: turned("recurrent_kernel", c.r, c.units)}
	z := x.MatMul(v, turned("kernel", c.w, c.features))
	if c.b != nil {
		z = x.Add(z, x.constant("bias"+suffix, tensor.Vector(c.b[:rows]...)))
		s.bias = x.constant("recurrent_bias"+suffix, tensor.Vector(c.b[rows:]...))
	}
	for i := range states {
		if init != nil {
			states[i] = x.Squeeze(init[i], 0)
			continue
		}
		shape := x.Concat(0, x.Op("Slice", x.Shape(v), x.Ints(1), x.Ints(2)), x.Ints(c.units))
		states[i] = x.Expand(x.Scalar(v, 0), shape)
	}
	var all *ir.Value
	if time, ok := v.Fact.Shape[0].Int(); ok && time >= 1 && time <= maxUnrolled {
		states, all = s.unrolled(z, states, lengths, backwards, time)
	} else {
		states, all = s.scanned(z, states, lengths, backwards)
	}
	last := make([]*ir.Value, len(states))
	for i, h := range states {
		last[i] = x.Unsqueeze(h, 0)
	}
	return x.Unsqueeze(all, 1), last
}

// maxUnrolled bounds the steps that are written one by one.
const maxUnrolled = 128

// stepper emits single steps of a cell, whose gates are in ONNX's order.
type stepper struct {
	x               *emit
	c               *cell
	recurrent, bias *ir.Value
}

// unrolled writes the steps one by one and returns the last states and all outputs (time, batch, units).
func (s *stepper) unrolled(z *ir.Value, states []*ir.Value, lengths *ir.Value, backwards bool, time int) ([]*ir.Value, *ir.Value) {
	x := s.x
	parts := x.cut(z, 0, slices.Repeat([]int{1}, time), true)
	steps := make([]*ir.Value, time)
	for i := range steps {
		at := i
		if backwards {
			at = time - 1 - i
		}
		next := s.step(parts[at], states)
		if lengths != nil { // a sequence that is over keeps its states
			on := x.Unsqueeze(x.Op("Less", x.Const(tensor.Scalar(int32(at))), lengths), 1)
			for k := range next {
				next[k] = x.Where(on, next[k], states[k])
			}
		}
		states, steps[at] = next, next[0]
	}
	return states, x.stacked(steps, 0)
}

// scanned is unrolled with a Scan.
func (s *stepper) scanned(z *ir.Value, states []*ir.Value, lengths *ir.Value, backwards bool) ([]*ir.Value, *ir.Value) {
	x, xs := s.x, one(z)
	if lengths != nil {
		size := x.Squeeze(x.Gather(x.Shape(z), x.Ints(0), 0), 0)
		ramp := x.Op("Range", x.Const(tensor.Scalar(int64(0))), size, x.Const(tensor.Scalar(int64(1))))
		xs = append(xs, x.Unsqueeze(x.Op("Less", x.Unsqueeze(ramp, 1), x.Cast(lengths, tensor.Int64)), 2)) // (time, batch, 1)
	}
	return x.scan(states, xs, backwards, func(x *emit, states, rows []*ir.Value) ([]*ir.Value, *ir.Value) {
		in := *s
		in.x = x
		next := in.step(rows[0], states)
		if lengths != nil {
			for k := range next {
				next[k] = x.Where(rows[1], next[k], states[k])
			}
		}
		return next, next[0]
	})
}

// step returns the states after a step; z is the input's part of all gates.
func (s *stepper) step(z *ir.Value, states []*ir.Value) []*ir.Value {
	x, h := s.x, states[0]
	act := func(i int, v *ir.Value) *ir.Value { return x.activated(s.c.functions[i].keras, v) }
	rec := x.MatMul(h, s.recurrent)
	if s.bias != nil {
		rec = x.Add(rec, s.bias)
	}
	switch s.c.op {
	case "RNN":
		return one(act(0, x.Add(z, rec)))
	case "LSTM": // i, o, f, c
		g := s.gates(x.Add(z, rec), 4)
		next := x.Add(x.Mul(act(0, g[2]), states[1]), x.Mul(act(0, g[0]), act(1, g[3])))
		return []*ir.Value{x.Mul(act(0, g[1]), act(2, next)), next}
	}
	// z, r, h of a GRU
	in, back := s.gates(z, 3), s.gates(rec, 3)
	keep, reset := act(0, x.Add(in[0], back[0])), act(0, x.Add(in[1], back[1]))
	fresh := x.Mul(reset, back[2])
	if !s.c.resetAfter {
		k := x.slice(s.recurrent, 1, 2*s.c.units, 3*s.c.units, 1)
		if fresh = x.MatMul(x.Mul(reset, h), k); s.bias != nil {
			fresh = x.Add(fresh, x.slice(s.bias, 0, 2*s.c.units, 3*s.c.units, 1))
		}
	}
	fresh = act(1, x.Add(in[2], fresh))
	return one(x.Add(x.Mul(keep, h), x.Mul(x.Sub(x.Scalar(keep, 1), keep), fresh)))
}

func (s *stepper) gates(v *ir.Value, n int) []*ir.Value {
	return s.x.cut(v, 1, slices.Repeat([]int{s.c.units}, n), false)
}
