package nn

// A mask says which steps of a series count: bools of shape [batch, steps], made by Embedding with
// MaskZero and by Masking. Recurrent layers, attention and averages over time heed it; layers that treat
// each step alike hand it on.

// Mask returns the mask of a value, nil where it has none.
func (b *Builder) Mask(x *Value) *Value { return b.masks[x] }

// SetMask gives a value a mask.
func (b *Builder) SetMask(x, mask *Value) {
	if mask != nil && b.masks != nil {
		b.masks[x] = mask
	}
}

// keepMask hands the mask of x on to y.
func (b *Builder) keepMask(x, y *Value) *Value {
	b.SetMask(y, b.masks[x])
	return y
}

// joinMasks returns the mask of what is made of several values: the steps that count in all of them.
func (b *Builder) joinMasks(xs []*Value) *Value {
	var m *Value
	for _, x := range xs {
		switch k := b.masks[x]; {
		case k == nil:
		case m == nil:
			m = k
		case m != k:
			m = b.Op("And", m, k)
		}
	}
	return m
}

// Masking skips the steps of a series in which all features are MaskValue: it marks them, for layers
// that heed masks, and sets them to zero.
type Masking struct {
	Name      string
	MaskValue float64
}

// LayerName implements [Named].
func (l *Masking) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Masking) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	same := b.Op("Equal", x, b.Scalar(x, l.MaskValue))
	other := b.Cast(b.Op("Not", same), x.Fact.DType)
	any := b.Reduce("ReduceMax", other, true, -1)
	y := b.Mul(x, any)
	b.SetMask(y, b.Op("Greater", b.Squeeze(any, -1), b.Scalar(x, .5)))
	return []*Value{y}
}
