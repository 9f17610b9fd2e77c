package nn

import (
	"fmt"
	"slices"
)

// axes returns the axes between batch and features along which the layer attends.
func (l *MultiHeadAttention) axes(b *Builder, x attended) []int {
	rank := x.query.Fact.Rank()
	if rank < 3 || x.value.Fact.Rank() != rank || x.key.Fact.Rank() != rank {
		b.Fail(fmt.Errorf("MultiHeadAttention: query is %v, value %v, key %v, expected [batch, steps, features] or more axes, as many in each", x.query.Fact, x.value.Fact, x.key.Fact))
		return nil
	}
	axes := slices.Clone(l.AttentionAxes)
	if len(axes) == 0 {
		axes = places(rank)[1 : rank-1]
	}
	for i := range axes {
		if axes[i] < 0 {
			axes[i] += rank
		}
		if axes[i] < 1 || axes[i] >= rank-1 || slices.Contains(axes[:i], axes[i]) {
			b.Fail(fmt.Errorf("MultiHeadAttention{AttentionAxes: %v} on %v: they must be different ones between batch and features", l.AttentionAxes, x.query.Fact))
			return nil
		}
	}
	if rank == 3 {
		return axes
	}
	if last := slices.Equal(axes, []int{rank - 2}); !last && (b.Mask(x.query) != nil || b.Mask(x.value) != nil || b.Mask(x.key) != nil) {
		b.Fail(fmt.Errorf("MultiHeadAttention{AttentionAxes: %v} on %v with a mask: a mask is of the last axis before the features", l.AttentionAxes, x.query.Fact))
	}
	if first := slices.Equal(axes, []int{1}); !first && (l.UseCausalMask || l.SlidingWindow > 0) {
		b.Fail(fmt.Errorf("MultiHeadAttention{AttentionAxes: %v} on %v: UseCausalMask and SlidingWindow are of attention along axis 1", l.AttentionAxes, x.query.Fact))
	}
	return axes
}

// attendAlong is attend on inputs with several axes between batch and features: those that the layer does not
// attend along are joined with the batch, the others with each other.
func (l *MultiHeadAttention) attendAlong(b *Builder, x attended, axes []int) []*Value {
	rank := x.query.Fact.Rank()
	perm := slices.DeleteFunc(places(rank-1), func(a int) bool { return slices.Contains(axes, a) })
	apart := len(perm) // axes that each attend by themselves, the batch with them
	perm = append(append(perm, axes...), rank-1)
	sizes := func(v *Value) *Value { return b.Slice(b.Shape(b.Transpose(v, perm...)), 0, 0, rank-1) }
	joined := func(v *Value) *Value {
		n, _ := lastDim(v)
		times := b.Reduce("ReduceProd", b.Slice(sizes(v), 0, apart, rank-1), true, 0)
		return b.ending(b.Reshape(b.Transpose(v, perm...), b.Concat(0, b.Ints(-1), times, b.Ints(n))), n)
	}
	queries, values := sizes(x.query), sizes(x.value)
	flat := attended{query: joined(x.query), value: joined(x.value), key: joined(x.key), joined: true}
	if x.mask != nil {
		flat.mask = b.joinedMask(x.mask, queries, values, apart, len(axes))
	}
	if b.Err() != nil {
		return []*Value{x.query}
	}
	out := l.attend(b, flat)
	shape := l.outputShape(x.query)
	back := places(rank - 1 + len(shape))
	for i, p := range perm[:rank-1] {
		back[p] = i
	}
	out[0] = b.ending(b.Transpose(b.Reshape(out[0], b.Concat(0, queries, b.Ints(shape...))), back...), shape...)
	if len(out) > 1 {
		times := func(v *Value) *Value { return b.Slice(v, 0, apart, rank-1) }
		out[1] = b.Reshape(out[1], b.Concat(0, b.Slice(queries, 0, 0, apart), b.Ints(l.NumHeads), times(queries), times(values)))
	}
	return out
}

// ending says what the last sizes of x are, where sizes that are not known have hidden them.
func (b *Builder) ending(x *Value, sizes ...int) *Value {
	if _, ok := lastDim(x); ok || b.Err() != nil {
		return x
	}
	return b.ReshapeTo(x, append(make([]int, x.Fact.Rank()-len(sizes)), sizes...)...) // 0 is the size that is there
}

// joinedMask brings a mask [batch, apart..., t..., s...], or without the axes apart, to [batch, t, s] of inputs
// whose axes are joined. queries and values hold the sizes: apart ones, then n that are attended along.
func (b *Builder) joinedMask(m, queries, values *Value, apart, n int) *Value {
	lead := m.Fact.Rank() - 2*n
	if lead < 0 || lead > apart {
		b.Fail(fmt.Errorf("MultiHeadAttention: the mask is %v, expected [batch, %d axes, t, s] for %d axes of attention", m.Fact, apart-1, n))
		return m
	}
	for ; lead < apart; lead++ {
		m = b.Unsqueeze(m, lead)
	}
	times := func(v *Value) *Value { return b.Slice(v, 0, apart, apart+n) }
	m = b.Expand(m, b.Concat(0, b.Slice(queries, 0, 0, apart), times(queries), times(values)))
	product := func(v *Value) *Value { return b.Reduce("ReduceProd", times(v), true, 0) }
	return b.Reshape(m, b.Concat(0, b.Ints(-1), product(queries), product(values)))
}

// places returns 0, 1, ..., n-1.
func places(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	return p
}
