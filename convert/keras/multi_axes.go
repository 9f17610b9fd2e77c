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
	for _, k := range []string{"attention_mask", "query_mask", "value_mask", "key_mask", "use_causal_mask", "return_attention_scores"} {
		if v := x.call.kwargs[k]; v != nil && v != false {
			x.Fail(op.Unsupportedf("argument %s on values of rank %d", k, rank))
			return x.in
		}
	}
	perm := []int{0}
	for i := 1; i < rank-1; i++ {
		if !slices.Contains(axes, i) {
			perm = append(perm, i)
		}
	}
	apart := len(perm) // axes that each attend by themselves, the batch with them
	perm = append(append(perm, axes...), rank-1)
	shape := x.Op("Slice", x.Shape(x.Transpose(h.query, perm...)), x.Ints(0), x.Ints(rank-1))
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
	h.value, h.key, h.query = joined(h.value), joined(h.key), joined(h.query)
	y := x.attended(h)[0]
	back := make([]int, rank)
	for i, p := range perm {
		back[p] = i
	}
	y = x.Transpose(x.Reshape(y, x.Concat(0, shape, x.Ints(x.dim(y, -1)))), back...)
	x.setMask(y, x.mask(query))
	return one(y)
}
