package nn

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
)

// Flatten joins all axes but the batch's.
type Flatten struct{ Name string }

// LayerName implements [Named].
func (l *Flatten) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Flatten) Build(b *Builder, in ...*Value) []*Value {
	return []*Value{b.OpA("Flatten", in[0], op.Attr("axis", 1))}
}

// Reshape gives its input another shape with the same number of elements; the batch axis stays.
type Reshape struct {
	Name        string
	TargetShape []int // without the batch axis; one number may be -1, which follows from the others
}

// LayerName implements [Named].
func (l *Reshape) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Reshape) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	free, size := 0, 1
	for _, n := range l.TargetShape {
		switch {
		case n == -1:
			free++
		case n < 0:
			free = 2
		default:
			size *= n
		}
	}
	if free > 1 {
		b.Fail(fmt.Errorf("Reshape{TargetShape: %v}: sizes are not negative, but for one -1", l.TargetShape))
		return in[:1]
	}
	if have, ok := elements(x); ok && (free == 0 && have != size || free == 1 && (size == 0 || have%size != 0)) {
		b.Fail(fmt.Errorf("Reshape{TargetShape: %v}: the input is %v, with %d elements an example", l.TargetShape, x.Fact, have))
		return in[:1]
	}
	if free == 0 {
		return []*Value{b.ReshapeTo(x, append([]int{-1}, l.TargetShape...)...)}
	}
	shape := slices.Clone(l.TargetShape)
	if have, ok := elements(x); ok {
		shape[slices.Index(shape, -1)] = have / size
		return []*Value{b.ReshapeTo(x, append([]int{-1}, shape...)...)}
	}
	return []*Value{b.Reshape(x, b.Concat(0, b.Slice(b.Shape(x), 0, 0, 1), b.Ints(shape...)))}
}

// elements returns the number of elements of an example, where it is known.
func elements(x *Value) (int, bool) {
	n := 1
	for i, d := range x.Fact.Shape {
		if i == 0 {
			continue
		}
		k, ok := d.Int()
		if !ok {
			return 0, false
		}
		n *= k
	}
	return n, x.Fact.Ranked
}

// Permute puts the axes in another order.
type Permute struct {
	Name string
	Dims []int // the input's axis, counted from 1 behind the batch's, at each place
}

// LayerName implements [Named].
func (l *Permute) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Permute) Build(b *Builder, in ...*Value) []*Value {
	sorted := slices.Sorted(slices.Values(l.Dims))
	for i, d := range sorted {
		if d != i+1 {
			b.Fail(fmt.Errorf("Permute{Dims: %v}: it must hold each of 1 to %d once", l.Dims, len(l.Dims)))
			return in[:1]
		}
	}
	return []*Value{b.Transpose(in[0], append([]int{0}, l.Dims...)...)}
}

// RepeatVector repeats each vector: [batch, features] becomes [batch, N, features].
type RepeatVector struct {
	Name string
	N    int
}

// LayerName implements [Named].
func (l *RepeatVector) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *RepeatVector) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	if l.N <= 0 || x.Fact.Rank() != 2 {
		b.Fail(fmt.Errorf("RepeatVector{N: %d} on %v: N must be positive, the input [batch, features]", l.N, x.Fact))
		return in[:1]
	}
	return []*Value{b.Expand(b.Unsqueeze(x, 1), b.Ints(1, l.N, 1))}
}
