package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// convTranspose converts Conv1DTranspose, Conv2DTranspose and Conv3DTranspose. Keras's kernel is
// [window..., filters, channels], ONNX's [channels, filters, window...].
//
// Without output_padding an axis of size i becomes i*stride, and max(reach-stride, 0) more with padding
// valid; with it, (i-1)*stride + reach - 2*pad + output_padding, where pad is reach/2 for same, 0 for
// valid. What the scattered windows reach beyond that is cut as TensorFlow pads a convolution back: half
// of it, rounded down, in front. ONNX's SAME_UPPER would round the other way.
func convTranspose(n int) convertFunc {
	return func(x *emit) []*ir.Value {
		x.noCall()
		first := x.channelsFirst()
		w := x.convWindow(n)
		filters := x.layer.integer("filters", 0)
		if g := x.layer.integer("groups", 1); g != 1 {
			x.Fail(argument("groups", g))
		}
		if !x.rank(n + 2) {
			return x.in[:1]
		}
		kernel := x.take("kernel", append(slices.Clone(w.size), filters, -1)...)
		if kernel == nil {
			return x.in[:1]
		}
		attrs := append([]ir.Attr{
			op.Attr("kernel_shape", w.size), op.Attr("strides", w.strides), op.Attr("dilations", w.dilation),
		}, x.transposedPads(w)...)
		in := []*ir.Value{x.toFront(x.in[0], first), x.constant("kernel", permuted(kernel, kernelPerm(n)...)), x.bias(filters)}
		y := x.Emit(1, "ConvTranspose", in, attrs...)[0]
		return one(x.activate("activation", x.fromFront(y, first)))
	}
}

// transposedPads returns pads and output_padding of a transposed convolution.
func (x *emit) transposedPads(w window) []ir.Attr {
	n := len(w.size)
	pads, extra := make([]int, 2*n), make([]int, n)
	var more []int
	if x.layer.has("output_padding") {
		if more = x.layer.ints("output_padding", n); len(more) != n {
			x.Fail(argument("output_padding", x.layer.get("output_padding")))
			return nil
		}
	}
	for i := range n {
		// cut is by how much the windows reach beyond the result; negative, what they lack of it.
		cut := 0
		switch k, s := w.reach(i), w.strides[i]; {
		case w.padding == "same" && more == nil:
			cut = k - s
		case w.padding == "same":
			cut = k/2*2 - more[i]
		case w.padding == "valid" && more == nil:
			cut = min(k-s, 0)
		case w.padding == "valid":
			cut = -more[i]
		default:
			x.Fail(argument("padding", w.padding))
			return nil
		}
		if cut < -maxWindow || cut > maxWindow {
			x.Fail(argument("output_padding", more))
			return nil
		}
		pads[i], extra[i] = max(cut, 0)/2, max(-cut, 0)
		pads[i+n] = max(cut, 0) - pads[i]
	}
	var out []ir.Attr
	if slices.Max(pads) > 0 {
		out = append(out, op.Attr("pads", pads))
	}
	if slices.Max(extra) > 0 {
		out = append(out, op.Attr("output_padding", extra))
	}
	return out
}
