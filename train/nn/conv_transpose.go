package nn

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/op"
)

// buildTranspose emits the transpose of a convolution, which makes images larger. Keras's kernel is
// [window..., out, in]. outputPadding is nil where the size of the output follows from the padding.
func (c *convolution) buildTranspose(b *Builder, x *Value, outputPadding []int) []*Value {
	if !c.fill(b, x) {
		return []*Value{x}
	}
	n, ok := c.channels(b, x)
	if !ok {
		return []*Value{x}
	}
	if c.filters <= 0 || c.padding == "causal" {
		b.Fail(fmt.Errorf("%s{Filters: %d, Padding: %q}: filters must be positive, padding valid or same", c.layer, c.filters, c.padding))
		return []*Value{x}
	}
	kernel := append(append([]int{}, c.size...), c.filters, n)
	w := b.paramAs("kernel", convLayout(kernel), orInit(c.kernelInit, GlorotUniform()), c.kernelReg, c.kernelCon)
	rank := len(c.size)
	pads, more := make([]int, 2*rank), make([]int, rank)
	for i := range c.size {
		extra := -1
		if outputPadding != nil {
			extra = outputPadding[i]
			if extra < 0 || extra >= c.strides[i] {
				b.Fail(fmt.Errorf("%s: output padding %v must be at least 0 and below the strides %v", c.layer, outputPadding, c.strides))
				return []*Value{x}
			}
		}
		pads[i], pads[rank+i], more[i] = c.transposePads(i, extra)
	}
	attrs := append((&window{size: c.size, strides: c.strides, dilations: c.dilations}).attrs(x), op.Attr("pads", pads), op.Attr("output_padding", more))
	v := b.channelsFirst(x, c.format)
	return c.finish(b, b.Emit(1, "ConvTranspose", []*Value{v, w.Value, c.bias(b, c.filters)}, attrs...)[0])
}

// transposePads returns how much of the full transpose is cut at the start and the end of an axis, and
// what is added at its end. extra is Keras's output_padding, -1 for none: then the output is stride times
// the input with padding same, and as much as the windows reach, or the strides, with valid.
func (c *convolution) transposePads(axis, extra int) (begin, end, more int) {
	k, s := (c.size[axis]-1)*c.dilations[axis]+1, c.strides[axis]
	left, right := k-1, k-1 // zeros around the input, spread by the stride, for a stride-1 convolution
	switch {
	case c.padding != "same" && extra < 0:
		right += max(k, s) - k
	case c.padding != "same":
		right += extra
	default:
		all := s + k - 2
		if extra >= 0 {
			all = k + k%2 - 2 + extra
		}
		left = min(all/2+all%2, k-1)
		right = all - left
	}
	begin = k - 1 - left
	if right > k-1 {
		return begin, 0, right - (k - 1)
	}
	return begin, k - 1 - right, 0
}
