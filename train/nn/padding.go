package nn

import (
	"fmt"
	"math"
)

// Span is how much is added or cut at the start and the end of an axis.
type Span [2]int

// pad puts zeros around the axes in space.
func (b *Builder) pad(x *Value, format string, spans ...Span) *Value {
	if !b.spatial(x, len(spans)) {
		return x
	}
	starts, ends := []int{0}, []int{0}
	for _, s := range spans {
		if s[0] < 0 || s[1] < 0 {
			b.Fail(fmt.Errorf("padding %v must not be negative", spans))
			return x
		}
		starts, ends = append(starts, s[0]), append(ends, s[1])
	}
	v, last := b.eitherLayout(x, format)
	at := len(starts)
	if !last {
		at = 1
	}
	y := b.Op("Pad", v, b.Ints(append(insert(starts, at), insert(ends, at)...)...))
	return b.restore(y, format, last)
}

// crop cuts the axes in space.
func (b *Builder) crop(x *Value, format string, spans ...Span) *Value {
	if !b.spatial(x, len(spans)) {
		return x
	}
	v, last := b.eitherLayout(x, format)
	var starts, ends, axes []int
	for i, s := range spans {
		axis := i + 2
		if last {
			axis = i + 1
		}
		n, known := v.Fact.Shape[axis].Int()
		if s[0] < 0 || s[1] < 0 || known && s[0]+s[1] >= n {
			b.Fail(fmt.Errorf("cropping %v of %v leaves nothing, or is negative", spans, x.Fact))
			return x
		}
		end := -s[1]
		if end == 0 {
			end = math.MaxInt
		}
		starts, ends, axes = append(starts, s[0]), append(ends, end), append(axes, axis)
	}
	y := b.Op("Slice", v, b.Ints(starts...), b.Ints(ends...), b.Ints(axes...))
	return b.restore(y, format, last)
}

// eitherLayout returns x as it is to be worked on: with its channels in front where it is there that
// way, and whether its channels are last.
func (b *Builder) eitherLayout(x *Value, format string) (*Value, bool) {
	if format == ChannelsFirst || b.first[x] != nil {
		return b.channelsFirst(x, format), false
	}
	return x, true
}

// restore returns y, worked on as eitherLayout said, in a data format.
func (b *Builder) restore(y *Value, format string, last bool) *Value {
	if last {
		return y
	}
	return b.dataFormat(y, format)
}

func insert(v []int, at int) []int {
	out := append([]int{}, v[:at]...)
	return append(append(out, 0), v[at:]...)
}

// ZeroPadding1D puts zeros before and behind a series.
type ZeroPadding1D struct {
	Name       string
	Padding    Span // 1 and 1 where zero
	DataFormat string
}

// LayerName implements [Named].
func (l *ZeroPadding1D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *ZeroPadding1D) Build(b *Builder, in ...*Value) []*Value {
	p := l.Padding
	if p == (Span{}) {
		p = Span{1, 1}
	}
	return []*Value{b.pad(in[0], l.DataFormat, p)}
}

// ZeroPadding2D puts zeros around images.
type ZeroPadding2D struct {
	Name       string
	Padding    [2]Span // of height and width; 1 everywhere where zero
	DataFormat string
}

// LayerName implements [Named].
func (l *ZeroPadding2D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *ZeroPadding2D) Build(b *Builder, in ...*Value) []*Value {
	p := l.Padding
	if p == ([2]Span{}) {
		p = [2]Span{{1, 1}, {1, 1}}
	}
	return []*Value{b.pad(in[0], l.DataFormat, p[:]...)}
}

// ZeroPadding3D puts zeros around volumes.
type ZeroPadding3D struct {
	Name       string
	Padding    [3]Span // 1 everywhere where zero
	DataFormat string
}

// LayerName implements [Named].
func (l *ZeroPadding3D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *ZeroPadding3D) Build(b *Builder, in ...*Value) []*Value {
	p := l.Padding
	if p == ([3]Span{}) {
		p = [3]Span{{1, 1}, {1, 1}, {1, 1}}
	}
	return []*Value{b.pad(in[0], l.DataFormat, p[:]...)}
}

// Cropping1D cuts the ends of a series.
type Cropping1D struct {
	Name       string
	Cropping   Span // 1 and 1 where zero
	DataFormat string
}

// LayerName implements [Named].
func (l *Cropping1D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Cropping1D) Build(b *Builder, in ...*Value) []*Value {
	c := l.Cropping
	if c == (Span{}) {
		c = Span{1, 1}
	}
	return []*Value{b.crop(in[0], l.DataFormat, c)}
}

// Cropping2D cuts the borders of images.
type Cropping2D struct {
	Name       string
	Cropping   [2]Span // of height and width
	DataFormat string
}

// LayerName implements [Named].
func (l *Cropping2D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Cropping2D) Build(b *Builder, in ...*Value) []*Value {
	return []*Value{b.crop(in[0], l.DataFormat, l.Cropping[:]...)}
}

// Cropping3D cuts the borders of volumes.
type Cropping3D struct {
	Name       string
	Cropping   [3]Span // 1 everywhere where zero
	DataFormat string
}

// LayerName implements [Named].
func (l *Cropping3D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Cropping3D) Build(b *Builder, in ...*Value) []*Value {
	c := l.Cropping
	if c == ([3]Span{}) {
		c = [3]Span{{1, 1}, {1, 1}, {1, 1}}
	}
	return []*Value{b.crop(in[0], l.DataFormat, c[:]...)}
}
