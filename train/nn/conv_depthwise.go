package nn

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/op"
)

// depthwise emits the convolution of each channel by itself: multiplier outputs each. Keras's kernel is
// [window..., channels, multiplier].
func (c *convolution) depthwise(b *Builder, name string, v, bias *Value, channels, multiplier int, init Initializer, reg Regularizer, con Constraint) *Value {
	n := len(c.size)
	l := layout{keras: append(append([]int{}, c.size...), channels, multiplier), perm: []int{n, n + 1}, shape: append([]int{channels * multiplier, 1}, c.size...)}
	for i := range n {
		l.perm = append(l.perm, i)
	}
	w := b.paramAs(name, l, orInit(init, GlorotUniform()), reg, con)
	return b.Emit(1, "Conv", []*Value{v, w.Value, bias}, append(c.attrs(v), op.Attr("group", channels))...)[0]
}

// depth returns the number of channels and of outputs for each.
func (c *convolution) depth(b *Builder, x *Value, multiplier int) (int, int, bool) {
	if !c.fill(b, x) {
		return 0, 0, false
	}
	n, ok := c.channels(b, x)
	if multiplier == 0 {
		multiplier = 1
	}
	if multiplier < 0 {
		b.Fail(fmt.Errorf("%s{DepthMultiplier: %d}: it must be positive", c.layer, multiplier))
		return 0, 0, false
	}
	return n, multiplier, ok
}

// buildDepthwise emits a DepthwiseConv layer.
func (c *convolution) buildDepthwise(b *Builder, x *Value, multiplier int) []*Value {
	n, m, ok := c.depth(b, x, multiplier)
	if !ok {
		return []*Value{x}
	}
	y := c.depthwise(b, "kernel", b.channelsFirst(x, c.format), c.bias(b, n*m), n, m, c.kernelInit, c.kernelReg, c.kernelCon)
	return c.finish(b, y)
}

// buildSeparable emits a SeparableConv layer: depthwise, then a mix of the channels at each place.
func (c *convolution) buildSeparable(b *Builder, x *Value, multiplier int, depth separable) []*Value {
	n, m, ok := c.depth(b, x, multiplier)
	if !ok {
		return []*Value{x}
	}
	if c.filters <= 0 {
		b.Fail(fmt.Errorf("%s{Filters: %d}: it must be positive", c.layer, c.filters))
		return []*Value{x}
	}
	y := c.depthwise(b, "depthwise_kernel", b.channelsFirst(x, c.format), nil, n, m, depth.init, depth.reg, depth.con)
	point := make([]int, len(c.size), len(c.size)+2)
	for i := range point {
		point[i] = 1
	}
	kernel := append(append([]int{}, point...), n*m, c.filters)
	w := b.paramAs("pointwise_kernel", convLayout(kernel), orInit(c.kernelInit, GlorotUniform()), c.kernelReg, c.kernelCon)
	return c.finish(b, b.Emit(1, "Conv", []*Value{y, w.Value, c.bias(b, c.filters)}, op.Attr("kernel_shape", point))[0])
}

// separable is what the first kernel of a SeparableConv starts from.
type separable struct {
	init Initializer
	reg  Regularizer
	con  Constraint
}
