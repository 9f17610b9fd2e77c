package nn

import "fmt"

// Images and series are channels-last between layers, as in Keras: [batch, height, width, channels].
// ONNX's convolutions and poolings are channels-first. A layer that computes channels-first notes the
// value that it had before transposing back, and the next such layer starts from there, so that
// Transposes stay at the ends of a chain.

// Channels-first and channels-last, Keras's names of data formats.
const (
	ChannelsLast  = "channels_last" // the default, also where empty
	ChannelsFirst = "channels_first"
)

// channelsFirst returns x of a data format with its channels in front: [batch, channels, ...].
func (b *Builder) channelsFirst(x *Value, format string) *Value {
	rank := x.Fact.Rank()
	switch format {
	case ChannelsFirst:
		return x
	case "", ChannelsLast:
	default:
		b.Fail(fmt.Errorf("data format %q: there are %s, %s", format, ChannelsLast, ChannelsFirst))
		return x
	}
	if v := b.first[x]; v != nil {
		return v
	}
	if rank < 3 {
		return x
	}
	v := b.Transpose(x, toFirst(rank)...)
	b.first[x] = v
	return v
}

// dataFormat returns y, which has its channels in front, in a data format.
func (b *Builder) dataFormat(y *Value, format string) *Value {
	if format == ChannelsFirst || y.Fact.Rank() < 3 {
		return y
	}
	v := b.Transpose(y, toLast(y.Fact.Rank())...)
	b.first[v] = y
	return v
}

// each applies what treats all elements alike, whatever their order, to x. The layout and the mask stay.
func (b *Builder) each(x *Value, f func(x *Value) *Value) *Value {
	var y *Value
	if v := b.first[x]; v != nil {
		y = b.dataFormat(f(v), ChannelsLast)
	} else {
		y = f(x)
	}
	return b.keepMask(x, y)
}

// together is each for several values.
func (b *Builder) together(xs []*Value, f func(xs []*Value) *Value) *Value {
	firsts := make([]*Value, len(xs))
	for i, x := range xs {
		v := b.first[x]
		if v == nil || x.Fact.Rank() != xs[0].Fact.Rank() {
			return f(xs)
		}
		firsts[i] = v
	}
	return b.dataFormat(f(firsts), ChannelsLast)
}

// toFirst is the permutation 0, rank-1, 1, 2, ...
func toFirst(rank int) []int {
	p := []int{0, rank - 1}
	for i := 1; i < rank-1; i++ {
		p = append(p, i)
	}
	return p
}

// toLast is the permutation 0, 2, 3, ..., 1.
func toLast(rank int) []int {
	p := []int{0}
	for i := 2; i < rank; i++ {
		p = append(p, i)
	}
	return append(p, 1)
}

// spatial returns the number of axes between batch and channels, which must be n.
func (b *Builder) spatial(x *Value, n int) bool {
	if !x.Fact.Ranked || x.Fact.Rank() != n+2 {
		b.Fail(fmt.Errorf("the input is %v, expected %d axes: batch, %d in space and channels", x.Fact, n+2, n))
		return false
	}
	return true
}
