package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// attentionAxes returns the axes between batch and features along which a layer attends: the argument, or all of
// them. false: those of a value (batch, time, features).
func (x *emit) attentionAxes(given []int, rank int) ([]int, bool) {
	if len(given) == 0 {
		for i := 1; i < rank-1; i++ {
			given = append(given, i)
		}
	}
	axes := slices.Clone(given)
	for i, a := range axes {
		if a < 0 {
			axes[i] = a + rank
		}
		if axes[i] < 1 || axes[i] >= rank-1 || slices.Contains(axes[:i], axes[i]) {
			x.Fail(argument("attention_axes", given))
			return nil, false
		}
	}
	return axes, rank != 3
}

// attendAlong is attend on values with several axes between batch and features: those that the layer does
// not attend along are joined with the batch, the others with each other.
func (x *emit) attendAlong(h *heads, axes []int) []*ir.Value {
	rank := h.query.Fact.Rank()
	if h.key.Fact.Rank() != rank || h.value.Fact.Rank() != rank {
		x.Fail(op.Unsupportedf("attention on values of rank %d, %d and %d", rank, h.value.Fact.Rank(), h.key.Fact.Rank()))
		return x.in
	}
	perm := []int{0}
	for i := 1; i < rank-1; i++ {
		if !slices.Contains(axes, i) {
			perm = append(perm, i)
		}
	}
	apart := len(perm) // axes that each attend by themselves, the batch with them
	perm = append(append(perm, axes...), rank-1)
	sizes := func(v *ir.Value) *ir.Value {
		return x.Op("Slice", x.Shape(x.Transpose(v, perm...)), x.Ints(0), x.Ints(rank-1))
	}
	shape, values := sizes(h.query), sizes(h.value)
	flat := map[*ir.Value]*ir.Value{}
	joined := func(v *ir.Value) *ir.Value {
		if flat[v] == nil {
			t := x.Transpose(v, perm...)
			features := x.dim(v, -1)
			if len(axes) > 1 {
				front := x.Op("Slice", x.Shape(t), x.Ints(0), x.Ints(apart))
				t = x.Reshape(t, x.Concat(0, front, x.Ints(-1, features)))
			}
			if apart > 1 {
				t = x.joinFirst(t, -1, apart)
			}
			flat[v] = t
		}
		return flat[v]
	}
	query := h.query
	mask := x.attentionMask(h)
	h.value, h.key, h.query = joined(h.value), joined(h.key), joined(h.query)
	if mask != nil {
		mask = x.joinedMask(mask, shape, values, apart, len(axes))
	}
	out := x.attended(h, mask)
	back := make([]int, rank)
	for i, p := range perm {
		back[p] = i
	}
	size := x.Ints(x.dim(out[0], -1))
	if len(h.out) > 1 {
		size = x.Ints(h.out...)
		for i := 1; i < len(h.out); i++ {
			back = append(back, rank-1+i)
		}
	}
	out[0] = x.Transpose(x.Reshape(out[0], x.Concat(0, shape, size)), back...)
	x.setMask(out[0], x.mask(query))
	if h.scores {
		lead := x.Op("Slice", shape, x.Ints(0), x.Ints(apart))
		times := x.Concat(0, x.Op("Slice", shape, x.Ints(apart), x.Ints(rank-1)), x.Op("Slice", values, x.Ints(apart), x.Ints(rank-1)))
		out[1] = x.Reshape(out[1], x.Concat(0, lead, x.Ints(h.n), times))
	}
	return out
}

// joinedMask brings a mask (batch, times of the query, times of the values), or with the axes that attend by
// themselves after the batch, to the form (batch, 1, time, time) of values whose axes are joined. apart of the
// sizes are of axes that attend by themselves, n follow.
func (x *emit) joinedMask(mask, query, values *ir.Value, apart, n int) *ir.Value {
	full := apart + 1 + 2*n
	for mask.Fact.Rank() < full && x.Err() == nil {
		at := mask.Fact.Rank() - 2*n
		if at < 0 {
			x.Fail(op.Shapef("a mask %v for %d axes of attention", mask.Fact, n))
			return mask
		}
		mask = x.Unsqueeze(mask, at)
	}
	times := func(v *ir.Value) *ir.Value { return x.Op("Slice", v, x.Ints(apart), x.Ints(apart+n)) }
	lead := x.Op("Slice", query, x.Ints(0), x.Ints(apart))
	mask = x.Expand(mask, x.Concat(0, lead, x.Ints(1), times(query), times(values)))
	product := func(v *ir.Value) *ir.Value { return x.Reduce("ReduceProd", times(v), true, 0) }
	return x.Reshape(mask, x.Concat(0, x.Ints(-1, 1), product(query), product(values)))
}
