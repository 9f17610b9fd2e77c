package nn

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// window is how a kernel or pool moves over the axes in space.
type window struct {
	layer     string
	size      []int
	strides   []int // 1 where zero
	dilations []int // 1 where zero
	padding   string
	format    string
}

// fill puts defaults in the place of zeros and checks the numbers.
func (w *window) fill(b *Builder, x *Value) bool {
	if !b.spatial(x, len(w.size)) {
		return false
	}
	one := func(v []int) []int {
		out := make([]int, len(w.size))
		for i := range out {
			out[i] = 1
			if v != nil && v[i] != 0 {
				out[i] = v[i]
			}
		}
		return out
	}
	w.strides, w.dilations = one(w.strides), one(w.dilations)
	for i, k := range w.size {
		if k <= 0 || w.strides[i] < 1 || w.dilations[i] < 1 {
			b.Fail(fmt.Errorf("%s: size %v, strides %v and dilation %v must be positive", w.layer, w.size, w.strides, w.dilations))
			return false
		}
	}
	switch w.padding {
	case "", "valid", "same":
		return true
	case "causal":
		if len(w.size) == 1 && w.format != ChannelsFirst {
			return true
		}
	}
	b.Fail(fmt.Errorf("%s: there is no padding %q here; there are valid, same, and causal for Conv1D", w.layer, w.padding))
	return false
}

// attrs returns the window's attributes for v, which has its channels in front.
func (w *window) attrs(v *Value) []ir.Attr {
	out := []ir.Attr{op.Attr("kernel_shape", w.size), op.Attr("strides", w.strides)}
	for _, d := range w.dilations {
		if d != 1 {
			out = append(out, op.Attr("dilations", w.dilations))
			break
		}
	}
	n := len(w.size)
	pads := make([]int, 2*n)
	for i, k := range w.size {
		reach := (k-1)*w.dilations[i] + 1
		switch w.padding {
		case "causal":
			pads[i] = reach - 1
		case "same":
			total := reach - 1
			if s := w.strides[i]; s > 1 {
				size, ok := v.Fact.Shape[i+2].Int()
				if !ok { // the amount depends on the size
					return append(out, op.Attr("auto_pad", "SAME_UPPER"))
				}
				total = max(0, ((size+s-1)/s-1)*s+reach-size)
			}
			pads[i], pads[n+i] = total/2, total-total/2
		}
	}
	for _, p := range pads {
		if p != 0 {
			return append(out, op.Attr("pads", pads))
		}
	}
	return out
}

// convolution is what all convolutions share.
type convolution struct {
	window
	filters    int
	groups     int
	activation string
	noBias     bool

	kernelInit, biasInit         Initializer
	kernelReg, biasReg, activity Regularizer
	kernelCon, biasCon           Constraint
}

// channels returns the number of channels of the input.
func (c *convolution) channels(b *Builder, x *Value) (int, bool) {
	axis := x.Fact.Rank() - 1
	if c.format == ChannelsFirst {
		axis = 1
	}
	n, ok := x.Fact.Shape[axis].Int()
	if !ok || n == 0 {
		b.Fail(fmt.Errorf("%s on %v: the number of channels must be known", c.layer, x.Fact))
		return 0, false
	}
	return n, true
}

// bias makes the bias of n channels, nil where there is none.
func (c *convolution) bias(b *Builder, n int) *Value {
	if c.noBias {
		return nil
	}
	p := b.Param("bias", []int{n}, orInit(c.biasInit, Zeros{}))
	p.Regularizer, p.Constraint = c.biasReg, c.biasCon
	return p.Value
}

// finish returns y, channels in front, as the layer's output.
func (c *convolution) finish(b *Builder, y *Value) []*Value {
	return []*Value{b.activity(c.activity, b.Activate(c.activation, b.dataFormat(y, c.format)))}
}

// build emits a convolution.
func (c *convolution) build(b *Builder, x *Value) []*Value {
	if !c.fill(b, x) {
		return []*Value{x}
	}
	n, ok := c.channels(b, x)
	if !ok {
		return []*Value{x}
	}
	groups := max(1, c.groups)
	if c.filters <= 0 || c.filters%groups != 0 || n%groups != 0 {
		b.Fail(fmt.Errorf("%s on %v: %d filters and %d channels must be positive multiples of %d groups", c.layer, x.Fact, c.filters, n, groups))
		return []*Value{x}
	}
	kernel := append(append([]int{}, c.size...), n/groups, c.filters)
	w := b.paramAs("kernel", convLayout(kernel), orInit(c.kernelInit, GlorotUniform()), c.kernelReg, c.kernelCon)
	v := b.channelsFirst(x, c.format)
	attrs := c.attrs(v)
	if groups > 1 {
		attrs = append(attrs, op.Attr("group", groups))
	}
	return c.finish(b, b.Emit(1, "Conv", []*Value{v, w.Value, c.bias(b, c.filters)}, attrs...)[0])
}
