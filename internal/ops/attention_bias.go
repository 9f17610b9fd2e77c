package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// bias returns what is added to the products of queries and keys, of rank 2 or more; nil is nothing.
func (a *attention) bias() *ir.Value {
	var sum *ir.Value
	add := func(v *ir.Value) {
		if sum != nil {
			v = a.Add(sum, v)
		}
		sum = v
	}
	if a.in(3) != nil {
		add(a.mask())
	}
	left, right := -1, -1
	if a.n.Version >= 25 || a.n.Version == 0 {
		left, right = a.n.Int("left_window_size"), a.n.Int("right_window_size")
	}
	if causal := a.n.Bool("is_causal"); causal || left >= 0 || right >= 0 {
		d := a.distance()
		if causal {
			add(a.allowed(a.Op("GreaterOrEqual", d, a.Scalar(d, 0))))
		}
		if left >= 0 {
			add(a.allowed(a.Op("LessOrEqual", d, a.Scalar(d, float64(left)))))
		}
		if right >= 0 {
			add(a.allowed(a.Op("GreaterOrEqual", d, a.Scalar(d, -float64(right)))))
		}
	}
	if lens := a.in(6); lens != nil {
		add(a.allowed(a.Op("Less", a.upTo(a.kvLen), a.Unsqueeze(lens, 1, 2, 3))))
	}
	return sum
}

// allowed is 0 where a condition holds and -inf elsewhere.
func (a *attention) allowed(cond *ir.Value) *ir.Value {
	like := &ir.Value{Fact: ir.Fact{DType: a.wide}}
	return a.Where(cond, a.Scalar(like, 0), a.Scalar(like, math.Inf(-1)))
}

// upTo returns 0, 1, ... up to a length.
func (a *attention) upTo(length *ir.Value) *ir.Value {
	return a.Op("Range", a.Const(tensor.Scalar[int64](0)), a.Squeeze(length, 0), a.Const(tensor.Scalar[int64](1)))
}

// distance returns how far a query's position lies behind a key's: [q_len, kv_len] or, where samples
// differ, [batch, 1, q_len, kv_len].
func (a *attention) distance() *ir.Value {
	at := a.Unsqueeze(a.upTo(a.qLen), 1)
	switch {
	case a.in(4) != nil:
		at = a.Add(at, sizeOfAxis(a.Builder, a.in(4), 2))
	case a.in(6) != nil:
		at = a.Add(at, a.Unsqueeze(a.Sub(a.in(6), a.qLen), 1, 2, 3))
	}
	return a.Sub(at, a.upTo(a.kvLen))
}

// mask returns attn_mask as numbers, as long as there are keys.
func (a *attention) mask() *ir.Value {
	m := a.in(3)
	shape := m.Fact.Shape
	if m.Fact.DType == tensor.Bool {
		m = a.allowed(m)
	} else {
		m = a.Cast(m, a.wide)
	}
	have, want := shape[len(shape)-1], a.kvLen.Fact.Elems
	if len(want) == 1 && have.Same(want[0]) {
		return m
	}
	missing := a.Op("Max", a.Sub(a.kvLen, sizeOfAxis(a.Builder, m, len(shape)-1)), a.Ints(0))
	like := &ir.Value{Fact: ir.Fact{DType: a.wide}}
	return a.Op("Pad", m, a.Concat(0, a.Ints(0), missing), a.Scalar(like, math.Inf(-1)), a.Ints(-1))
}
