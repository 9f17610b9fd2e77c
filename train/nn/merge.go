package nn

import (
	"fmt"
)

// merge emits a layer that joins inputs of one shape, or of shapes that broadcast: axes that some lack
// are put in behind the batch's, as Keras does.
func (b *Builder) merge(name string, in []*Value, join func(xs []*Value) *Value) []*Value {
	if len(in) < 2 {
		b.Fail(fmt.Errorf("%s takes at least 2 inputs, got %d", name, len(in)))
		return []*Value{{}}
	}
	rank := 0
	for _, x := range in {
		rank = max(rank, x.Fact.Rank())
	}
	xs := make([]*Value, len(in))
	for i, x := range in {
		xs[i] = x
		for x.Fact.Rank() > 0 && xs[i].Fact.Rank() < rank && b.Err() == nil {
			xs[i] = b.Unsqueeze(xs[i], 1)
		}
	}
	y := b.together(xs, join)
	b.SetMask(y, b.joinMasks(in))
	return []*Value{y}
}

// fold applies an operator of two inputs from left to right.
func (b *Builder) fold(name string, xs []*Value) *Value {
	y := xs[0]
	for _, x := range xs[1:] {
		y = b.Op(name, y, x)
	}
	return y
}

// Add is the sum of its inputs.
type Add struct{ Name string }

// LayerName implements [Named].
func (l *Add) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Add) Build(b *Builder, in ...*Value) []*Value {
	return b.merge("Add", in, func(xs []*Value) *Value { return b.fold("Add", xs) })
}

// Subtract is its first input minus its second.
type Subtract struct{ Name string }

// LayerName implements [Named].
func (l *Subtract) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Subtract) Build(b *Builder, in ...*Value) []*Value {
	if len(in) > 2 {
		b.Fail(fmt.Errorf("Subtract takes 2 inputs, got %d", len(in)))
		return in[:1]
	}
	return b.merge("Subtract", in, func(xs []*Value) *Value { return b.fold("Sub", xs) })
}

// Multiply is the product of its inputs, element by element.
type Multiply struct{ Name string }

// LayerName implements [Named].
func (l *Multiply) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Multiply) Build(b *Builder, in ...*Value) []*Value {
	return b.merge("Multiply", in, func(xs []*Value) *Value { return b.fold("Mul", xs) })
}

// Average is the mean of its inputs, element by element.
type Average struct{ Name string }

// LayerName implements [Named].
func (l *Average) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Average) Build(b *Builder, in ...*Value) []*Value {
	return b.merge("Average", in, func(xs []*Value) *Value {
		return b.Scale(b.fold("Add", xs), 1/float64(len(xs)))
	})
}

// Maximum is the greatest of its inputs, element by element.
type Maximum struct{ Name string }

// LayerName implements [Named].
func (l *Maximum) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Maximum) Build(b *Builder, in ...*Value) []*Value {
	return b.merge("Maximum", in, func(xs []*Value) *Value { return b.fold("Max", xs) })
}

// Minimum is the least of its inputs, element by element.
type Minimum struct{ Name string }

// LayerName implements [Named].
func (l *Minimum) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Minimum) Build(b *Builder, in ...*Value) []*Value {
	return b.merge("Minimum", in, func(xs []*Value) *Value { return b.fold("Min", xs) })
}
