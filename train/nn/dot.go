package nn

import (
	"fmt"
	"slices"
)

// Dot is the sum of the products of two inputs along one axis of each. The other axes of both stay, the
// first input's before the second's; two inputs of shape [batch, n] give [batch, 1].
type Dot struct {
	Name      string
	Axes      []int // of the first and the second input; one number is for both; the batch's axis is 0
	Normalize bool  // scales vectors to length 1 first: cosine similarity
}

// LayerName implements [Named].
func (l *Dot) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Dot) Build(b *Builder, in ...*Value) []*Value {
	if len(in) != 2 || len(l.Axes) < 1 || len(l.Axes) > 2 {
		b.Fail(fmt.Errorf("Dot{Axes: %v} with %d inputs: it takes 2 inputs, and one axis or an axis of each", l.Axes, len(in)))
		return []*Value{{}}
	}
	axes := []int{l.Axes[0], l.Axes[len(l.Axes)-1]}
	xs := slices.Clone(in)
	for i, x := range xs {
		rank := x.Fact.Rank()
		if axes[i] < 0 {
			axes[i] += rank
		}
		if axes[i] < 1 || axes[i] >= rank {
			b.Fail(fmt.Errorf("Dot{Axes: %v}: input %d is %v, which has no such axis behind the batch's", l.Axes, i, x.Fact))
			return in[:1]
		}
		if l.Normalize {
			xs[i] = b.unit(x, axes[i])
		}
	}
	x, xDims := b.matrix(xs[0], axes[0], false)
	y, yDims := b.matrix(xs[1], axes[1], true)
	out := b.MatMul(x, y)
	if len(xDims)+len(yDims) == 0 {
		return []*Value{b.Squeeze(out, -1)}
	}
	if len(xDims) == 1 && len(yDims) == 1 {
		return []*Value{out}
	}
	parts := []*Value{b.Slice(b.Shape(xs[0]), 0, 0, 1)}
	parts = append(append(parts, xDims...), yDims...)
	return []*Value{b.Reshape(out, b.Concat(0, parts...))}
}

// matrix returns x as [batch, others, axis], or [batch, axis, others] where the axis is to come first,
// and the sizes of the others.
func (b *Builder) matrix(x *Value, axis int, first bool) (*Value, []*Value) {
	rank := x.Fact.Rank()
	perm := []int{0}
	var dims []*Value
	for i := 1; i < rank; i++ {
		if i != axis {
			perm = append(perm, i)
			dims = append(dims, b.Slice(b.Shape(x), 0, i, i+1))
		}
	}
	n := b.Slice(b.Shape(x), 0, axis, axis+1)
	batch := b.Slice(b.Shape(x), 0, 0, 1)
	if first {
		perm = slices.Insert(perm, 1, axis)
	} else {
		perm = append(perm, axis)
	}
	if !slices.IsSorted(perm) {
		x = b.Transpose(x, perm...)
	}
	switch {
	case len(dims) == 1:
	case first:
		x = b.Reshape(x, b.Concat(0, batch, n, b.Ints(-1)))
	default:
		x = b.Reshape(x, b.Concat(0, batch, b.Ints(-1), n))
	}
	return x, dims
}
