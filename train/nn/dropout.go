package nn

import (
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Dropout sets a fraction Rate of its inputs to zero while training, and scales the others by
// 1/(1-Rate); otherwise it does nothing.
type Dropout struct {
	Name string
	Rate float64
	// NoiseShape says, the batch's axis first, along which axes one draw counts for all numbers: those with a
	// 1. Elsewhere it is 0, Keras's None, or the axis's size. Where nil each number has a draw of its own.
	NoiseShape []int
}

// LayerName implements [Named].
func (l *Dropout) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Dropout) Build(b *Builder, in ...*Value) []*Value {
	if !b.rate("Dropout", l.Rate) {
		return in[:1]
	}
	if l.NoiseShape != nil {
		return b.sharedNoise("Dropout", in[0], l.Rate, l.NoiseShape)
	}
	return []*Value{b.each(in[0], func(x *Value) *Value {
		return b.Op("Dropout", x, b.Const(tensor.Scalar(float32(l.Rate))))
	})}
}

// sharedNoise emits the noise of a layer of the class with a Keras noise_shape.
func (b *Builder) sharedNoise(class string, x *Value, rate float64, shape []int) []*Value {
	if len(shape) != x.Fact.Rank() {
		b.Fail(fmt.Errorf("%s{NoiseShape: %v} on %v: expected a number for each axis", class, shape, x.Fact))
		return []*Value{x}
	}
	var shared []int
	for i, n := range shape {
		switch {
		case n == 1:
			shared = append(shared, i)
		case n < 0 || n > 0 && !x.Fact.Shape[i].Is(n):
			b.Fail(fmt.Errorf("%s{NoiseShape: %v} on %v: axis %d must be 1, 0 or the input's", class, shape, x.Fact, i))
			return []*Value{x}
		}
	}
	y := b.OnlyTraining(x, func(b *Builder, x *Value, _ ...*Value) *Value { return b.Noise(class, x, rate, shared...) })
	return []*Value{b.keepMask(x, y)}
}
