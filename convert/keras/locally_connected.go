package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// local is a LocallyConnected1D or 2D of Keras 2: a convolution with a kernel of its own at each place.
// The argument implementation says what form the kernel has:
//
//	1: [places, window·channels, filters], padding valid
//	2: [in..., channels, out..., filters], or with the channels in front, of which what is near counts
//	3: only what is near, in the order of the (output, input) indices into the flattened ends
type local struct {
	x                 *emit
	n                 int
	first             bool
	window            window
	in, out           []int // sizes in space
	channels, filters int
}

// maxLocal bounds the elements of a kernel that is laid out as a matrix.
const maxLocal = 1 << 28

func locallyConnected(n int) convertFunc {
	return func(x *emit) []*ir.Value {
		x.noCall()
		if !x.rank(n + 2) {
			return x.in[:1]
		}
		c := &local{x: x, n: n, first: x.channelsFirst(), window: x.convWindow(n), filters: x.layer.integer("filters", 0)}
		c.channels = x.dim(x.in[0], map[bool]int{true: 1, false: n + 1}[c.first])
		for i, axis := range spaceAxes(n, c.first) {
			size := x.dim(x.in[0], axis)
			c.in = append(c.in, size)
			if c.window.padding == "same" {
				c.out = append(c.out, (size+c.window.strides[i]-1)/c.window.strides[i])
			} else {
				c.out = append(c.out, (size-c.window.size[i])/c.window.strides[i]+1)
			}
		}
		if x.Err() == nil && (c.filters < 1 || c.filters > maxWindow || slices.Min(c.out) < 1 || slices.Max(c.in) > maxImage) {
			x.Fail(op.Malformedf("%d filters of %v places", c.filters, c.out))
		}
		if x.Err() != nil {
			return x.in[:1]
		}
		var y *ir.Value
		switch i := x.layer.integer("implementation", 1); i {
		case 1:
			y = c.places()
		case 2, 3:
			y = c.dense(i)
		default:
			x.Fail(argument("implementation", i))
			return x.in[:1]
		}
		if x.layer.flag("use_bias", true) {
			b := x.take("bias", append(slices.Clone(c.out), c.filters)...)
			if b == nil {
				return x.in[:1]
			}
			if c.first { // Keras reshapes it and does not transpose it
				b = x.reshaped(b, append([]int{c.filters}, c.out...)...)
			}
			y = x.Add(y, x.constant("bias", b))
		}
		return one(x.activate("activation", y))
	}
}

func product(sizes []int) int {
	p := 1
	for _, n := range sizes {
		p *= n
	}
	return p
}

// each calls f with the index of each place and those of the inputs that its window covers, cut off at the
// edges.
func (c *local) each(f func(place int, near []int)) {
	at := make([]int, c.n)
	for place := range product(c.out) {
		rest := place
		for i := c.n - 1; i >= 0; i-- {
			at[i] = rest % c.out[i]
			rest /= c.out[i]
		}
		near := []int{0}
		for i := range c.n {
			start := at[i] * c.window.strides[i]
			if c.window.padding == "same" {
				start -= c.window.size[i] / 2
			}
			var next []int
			for _, base := range near {
				for k := max(0, start); k < min(c.in[i], start+c.window.size[i]); k++ {
					next = append(next, base*c.in[i]+k)
				}
			}
			near = next
		}
		f(place, near)
	}
}

// places multiplies what each window covers by the kernel of its place.
func (c *local) places() *ir.Value {
	x := c.x
	if c.window.padding != "valid" {
		x.Fail(argument("padding", c.window.padding))
		return x.in[0]
	}
	size, places := product(c.window.size), product(c.out)
	kernel := x.take("kernel", places, size*c.channels, c.filters)
	if kernel == nil {
		return x.in[0]
	}
	var index []int
	c.each(func(_ int, near []int) { index = append(index, near...) })
	var rows *ir.Value // (places, batch, window·channels)
	if c.first {
		v := x.Gather(x.ReshapeTo(x.in[0], 0, c.channels, -1), x.Ints(index...), 2)
		rows = x.Transpose(x.ReshapeTo(v, 0, c.channels, places, size), 2, 0, 1, 3)
	} else {
		v := x.Gather(x.ReshapeTo(x.in[0], 0, -1, c.channels), x.Ints(index...), 1)
		rows = x.Transpose(x.ReshapeTo(v, 0, places, size, c.channels), 1, 0, 2, 3)
	}
	y := x.MatMul(x.ReshapeTo(rows, places, -1, size*c.channels), x.constant("kernel", kernel))
	if c.first {
		return x.ReshapeTo(x.Transpose(y, 1, 2, 0), slices.Concat([]int{0, c.filters}, c.out)...)
	}
	return x.ReshapeTo(x.Transpose(y, 1, 0, 2), slices.Concat([]int{0}, c.out, []int{c.filters})...)
}

// dense multiplies the flattened input by a matrix that is zero where an input is not near an output.
func (c *local) dense(implementation int) *ir.Value {
	x := c.x
	ins, outs := product(c.in), product(c.out)
	if ins*c.channels > maxLocal/(outs*c.filters) {
		x.Fail(op.Unsupportedf("a kernel from %v to %v of %d filters, laid out as a matrix", c.in, c.out, c.filters))
		return x.in[0]
	}
	// index of an element among those of an end, whose channels are in front or last.
	flat := func(place, places, channel, channels int) int {
		if c.first {
			return channel*places + place
		}
		return place*channels + channel
	}
	rows, cols := ins*c.channels, outs*c.filters
	near := make([][]int, cols) // by output
	c.each(func(place int, at []int) {
		var list []int
		for ch := range c.channels {
			for _, p := range at {
				list = append(list, flat(p, ins, ch, c.channels))
			}
		}
		slices.Sort(list)
		for f := range c.filters {
			near[flat(place, outs, f, c.filters)] = list
		}
	})
	var kernel *tensor.Tensor[float32]
	if implementation == 3 {
		kernel = x.take("kernel", -1)
	} else if c.first {
		kernel = x.take("kernel", slices.Concat([]int{c.channels}, c.in, []int{c.filters}, c.out)...)
	} else {
		kernel = x.take("kernel", slices.Concat(c.in, []int{c.channels}, c.out, []int{c.filters})...)
	}
	if kernel == nil {
		return x.in[0]
	}
	matrix, k, given := tensor.Zeros[float32](rows, cols), 0, kernel.Data()
	for col, list := range near {
		for _, row := range list {
			at := row*cols + col
			if implementation == 3 {
				at = k
			}
			if k++; at >= len(given) {
				x.Fail(op.Malformedf("the kernel has %d elements", len(given)))
				return x.in[0]
			}
			matrix.Data()[row*cols+col] = given[at]
		}
	}
	y := x.MatMul(x.ReshapeTo(x.in[0], 0, -1), x.constant("kernel", matrix))
	if c.first {
		return x.ReshapeTo(y, slices.Concat([]int{0, c.filters}, c.out)...)
	}
	return x.ReshapeTo(y, slices.Concat([]int{0}, c.out, []int{c.filters})...)
}
