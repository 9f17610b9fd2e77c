package nn

import "github.com/onnxtool/onnxtool/onnxio/tensor"

// mask returns which of the scores [batch, ..., t, s] count by the masks of the inputs and the layer's
// arguments; nil is all.
func (l *MultiHeadAttention) mask(b *Builder, x attended) *Value {
	var m *Value
	if k := b.Mask(x.query); k != nil {
		m = b.Unsqueeze(k, -1)
	}
	if k := b.Mask(x.value); k != nil {
		m = b.both(m, b.Unsqueeze(k, -2))
	}
	if k := b.Mask(x.key); k != nil && x.key != x.value {
		m = b.both(m, b.Unsqueeze(k, -2))
	}
	if !l.UseCausalMask && l.SlidingWindow <= 0 {
		return m
	}
	ahead := b.ahead(x.query, x.value)
	if l.UseCausalMask {
		m = b.both(m, b.Op("LessOrEqual", ahead, b.Scalar(ahead, 0)))
	}
	if l.SlidingWindow > 0 {
		m = b.both(m, b.Op("Less", b.Op("Abs", ahead), b.Scalar(ahead, float64(l.SlidingWindow))))
	}
	return m
}

// both is x and y of bools; nil is true everywhere.
func (b *Builder) both(x, y *Value) *Value {
	if x == nil {
		return y
	}
	return b.Op("And", x, y)
}

// ahead returns how far each value [batch, s, ...] stands behind each query's own place: [1, t, s].
func (b *Builder) ahead(query, value *Value) *Value {
	zero, one := b.Const(tensor.Scalar(int64(0))), b.Const(tensor.Scalar(int64(1)))
	steps := func(x *Value) *Value {
		return b.Op("Range", zero, b.Squeeze(b.Slice(b.Shape(x), 0, 1, 2), 0), one)
	}
	return b.Sub(b.Unsqueeze(steps(value), 0, 1), b.Unsqueeze(steps(query), 0, 2))
}
