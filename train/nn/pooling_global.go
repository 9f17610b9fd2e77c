package nn

import "fmt"

// GlobalAveragePooling is the mean of each channel over all axes in space; of the steps that a mask says
// count. It is Keras's GlobalAveragePooling1D, 2D and 3D.
type GlobalAveragePooling struct {
	Name       string
	DataFormat string
	KeepDims   bool // leaves the axes in space with size 1
}

// LayerName implements [Named].
func (l *GlobalAveragePooling) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *GlobalAveragePooling) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	if m := b.Mask(x); m != nil && x.Fact.Rank() == 3 && l.DataFormat != ChannelsFirst {
		w := b.Unsqueeze(b.Cast(m, x.Fact.DType), -1)
		x = b.Where(b.Unsqueeze(m, -1), x, b.Scalar(x, 0))
		return []*Value{b.Div(b.Sum(x, l.KeepDims, 1), b.Sum(w, l.KeepDims, 1))}
	}
	return b.global("GlobalAveragePooling", "ReduceMean", x, l.DataFormat, l.KeepDims)
}

// GlobalMaxPooling is the greatest number of each channel over all axes in space. It is Keras's
// GlobalMaxPooling1D, 2D and 3D.
type GlobalMaxPooling struct {
	Name       string
	DataFormat string
	KeepDims   bool // leaves the axes in space with size 1
}

// LayerName implements [Named].
func (l *GlobalMaxPooling) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *GlobalMaxPooling) Build(b *Builder, in ...*Value) []*Value {
	return b.global("GlobalMaxPooling", "ReduceMax", in[0], l.DataFormat, l.KeepDims)
}

// global reduces all axes in space.
func (b *Builder) global(layer, reduce string, x *Value, format string, keep bool) []*Value {
	rank := x.Fact.Rank()
	if rank < 3 {
		b.Fail(fmt.Errorf("%s on %v: expected batch, axes in space and channels", layer, x.Fact))
		return []*Value{x}
	}
	v, last := b.eitherLayout(x, format)
	var axes []int
	for i := 2; i < rank; i++ {
		if last {
			axes = append(axes, i-1)
		} else {
			axes = append(axes, i)
		}
	}
	y := b.Reduce(reduce, v, keep, axes...)
	if keep {
		y = b.restore(y, format, last)
	}
	return []*Value{y}
}
