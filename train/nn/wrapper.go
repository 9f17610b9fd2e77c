package nn

import "fmt"

// Sequence is layers one behind the other, as one layer: a model inside a model. Several outputs of one
// are the inputs of the next.
type Sequence struct {
	Name   string
	Layers []Layer
}

// LayerName implements [Named].
func (l *Sequence) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Sequence) Build(b *Builder, in ...*Value) []*Value {
	for _, inner := range l.Layers {
		in = b.ApplyAll(inner, in...)
	}
	return in
}

// Func is a layer made of a function: a model inside a model whose layers are applied as it likes. The
// function is called whenever the layer is applied, so layers that it makes itself are not shared;
// those from outside are.
type Func struct {
	Name string
	Emit func(b *Builder, in ...*Value) []*Value
}

// LayerName implements [Named].
func (l *Func) LayerName() string {
	if l.Name == "" {
		return "function"
	}
	return l.Name
}

// Build implements [Layer].
func (l *Func) Build(b *Builder, in ...*Value) []*Value { return l.Emit(b, in...) }

// TimeDistributed applies a layer to each step of a series: [batch, steps, ...] becomes, for the layer,
// [batch*steps, ...]. In training a BatchNormalization within normalises each step by itself, as in Keras, where
// the number of steps is known.
type TimeDistributed struct {
	Name  string
	Layer Layer
}

// LayerName implements [Named].
func (l *TimeDistributed) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *TimeDistributed) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	rank := x.Fact.Rank()
	if l.Layer == nil || rank < 3 {
		b.Fail(fmt.Errorf("TimeDistributed on %v: it needs a Layer, and a series [batch, steps, ...]", x.Fact))
		return in[:1]
	}
	inner := []int{-1}
	for i := 2; i < rank; i++ {
		n, ok := x.Fact.Shape[i].Int()
		if !ok {
			b.Fail(fmt.Errorf("TimeDistributed on %v: the sizes behind the steps must be known", x.Fact))
			return in[:1]
		}
		inner = append(inner, n)
	}
	lead := b.Slice(b.Shape(x), 0, 0, 2)
	around := b.steps
	if n, ok := x.Fact.Shape[1].Int(); ok {
		lead = b.Ints(-1, n)
		b.steps = max(1, around) * n
	}
	outs := b.ApplyAll(l.Layer, b.ReshapeTo(x, inner...))
	b.steps = around
	if b.Err() != nil {
		return in[:1]
	}
	for i, y := range outs {
		z := b.Reshape(y, b.Concat(0, lead, b.Slice(b.Shape(y), 0, 1, y.Fact.Rank())))
		outs[i] = b.keepMask(x, z)
	}
	return outs
}
