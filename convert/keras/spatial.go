package keras

import (
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ONNX has the channels in front of the axes in space, Keras mostly behind them. Layers bring their
// input to ONNX's order and their output back; what of that is not needed falls away in layout.go.

// channelsFirst reads data_format.
func (x *emit) channelsFirst() bool {
	switch f := x.layer.text("data_format", "channels_last"); f {
	case "channels_last":
		return false
	case "channels_first":
		return true
	default:
		x.Fail(argument("data_format", f))
		return false
	}
}

// toFront brings the last axis behind the batch unless the channels are there already.
func (x *emit) toFront(v *ir.Value, there bool) *ir.Value {
	n := v.Fact.Rank()
	if there || n < 3 {
		return v
	}
	perm := []int{0, n - 1}
	for i := 1; i < n-1; i++ {
		perm = append(perm, i)
	}
	return x.Transpose(v, perm...)
}

// fromFront undoes toFront.
func (x *emit) fromFront(v *ir.Value, there bool) *ir.Value {
	n := v.Fact.Rank()
	if there || n < 3 {
		return v
	}
	perm := []int{0}
	for i := 2; i < n; i++ {
		perm = append(perm, i)
	}
	return x.Transpose(v, append(perm, 1)...)
}

// rank checks the rank of the first input.
func (x *emit) rank(n int) bool {
	if r := x.in[0].Fact.Rank(); r != n {
		x.Fail(op.Shapef("input %v, expected rank %d", x.in[0].Fact, n))
		return false
	}
	return true
}

// spaceAxes are the axes in space of a value of n of them.
func spaceAxes(n int, first bool) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
		if first {
			out[i]++
		}
	}
	return out
}

// window is what slides over the axes in space.
type window struct {
	size, strides, dilation []int
	padding                 string
}

// maxWindow bounds what a configuration may say of sizes, strides and dilations.
const maxWindow = 1 << 24

// positive reads n sizes, def where the argument is not there.
func (x *emit) positive(key string, n int, def []int) []int {
	v := def
	if x.layer.has(key) {
		v = x.layer.ints(key, n)
	}
	if len(v) != n {
		x.Fail(argument(key, x.layer.get(key)))
		return slices.Repeat([]int{1}, n)
	}
	for _, k := range v {
		if k < 1 || k > maxWindow {
			x.Fail(argument(key, x.layer.get(key)))
			return slices.Repeat([]int{1}, n)
		}
	}
	return v
}

// convWindow reads the window of a convolution of n axes in space.
func (x *emit) convWindow(n int) window {
	ones := slices.Repeat([]int{1}, n)
	return window{
		x.positive("kernel_size", n, nil), x.positive("strides", n, ones), x.positive("dilation_rate", n, ones),
		strings.ToLower(x.layer.text("padding", "valid")),
	}
}

// poolWindow reads the window of a pooling.
func (x *emit) poolWindow(n int) window {
	size := x.positive("pool_size", n, slices.Repeat([]int{2}, n))
	return window{size, x.positive("strides", n, size), slices.Repeat([]int{1}, n), strings.ToLower(x.layer.text("padding", "valid"))}
}

// reach is how far the window reaches along axis i.
func (w *window) reach(i int) int { return (w.size[i]-1)*w.dilation[i] + 1 }

// attrs returns the attributes of the window over v, whose channels are in front. With padding same
// the result is as long as the input is divided by the stride, rounded up; what is padded is the same
// at both ends or one more at the second.
func (w *window) attrs(x *emit, v *ir.Value, dilated bool) []ir.Attr {
	n := len(w.size)
	out := []ir.Attr{op.Attr("kernel_shape", w.size), op.Attr("strides", w.strides)}
	if dilated {
		out = append(out, op.Attr("dilations", w.dilation))
	}
	pads := make([]int, 2*n)
	switch w.padding {
	case "valid":
		return out
	case "causal":
		if n != 1 {
			x.Fail(argument("padding", w.padding))
		}
		pads[0] = w.reach(0) - 1
	case "same":
		for i := range n {
			total := w.reach(i) - 1
			if s := w.strides[i]; s > 1 {
				size, ok := v.Fact.Shape[i+2].Int()
				if !ok {
					return append(out, op.Attr("auto_pad", "SAME_UPPER"))
				}
				total = max(0, ((size+s-1)/s-1)*s+w.reach(i)-size)
			}
			pads[i], pads[i+n] = total/2, total-total/2
		}
	default:
		x.Fail(argument("padding", w.padding))
	}
	if slices.Max(pads) == 0 {
		return out
	}
	return append(out, op.Attr("pads", pads))
}

// permuted returns a weight with its axes in another order.
func permuted(t *tensor.Tensor[float32], perm ...int) *tensor.Tensor[float32] {
	in := t.Shape()
	shape := make(tensor.Shape, len(perm))
	step := make([]int, len(perm))
	for i, p := range perm {
		shape[i], step[i] = in[p], 1
		for _, n := range in[p+1:] {
			step[i] *= n
		}
	}
	out := tensor.Zeros[float32](shape...)
	src, dst := t.Data(), out.Data()
	at := make([]int, len(perm))
	from := 0
	for i := range dst {
		dst[i] = src[from]
		for k := len(at) - 1; k >= 0; k-- {
			at[k]++
			from += step[k]
			if at[k] < shape[k] {
				break
			}
			from -= step[k] * shape[k]
			at[k] = 0
		}
	}
	return out
}

// reshaped returns a weight with the same elements in another shape.
func (x *emit) reshaped(t *tensor.Tensor[float32], shape ...int) *tensor.Tensor[float32] {
	out, err := tensor.New(t.Data(), shape...)
	if err != nil {
		x.Fail(err)
		return t
	}
	return out
}
