package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// conv converts Conv1D, Conv2D and Conv3D. Keras's kernel is [window..., channels/groups, filters],
// ONNX's [filters, channels/groups, window...].
func conv(n int) convertFunc {
	return func(x *emit) []*ir.Value {
		x.noCall()
		first := x.channelsFirst()
		w := x.convWindow(n)
		groups, filters := x.layer.integer("groups", 1), x.layer.integer("filters", 0)
		if !x.rank(n + 2) {
			return x.in[:1]
		}
		kernel := x.take("kernel", append(slices.Clone(w.size), -1, filters)...)
		if kernel == nil {
			return x.in[:1]
		}
		v := x.toFront(x.in[0], first)
		in := []*ir.Value{v, x.constant("kernel", permuted(kernel, kernelPerm(n)...)), x.bias(filters)}
		attrs := w.attrs(x, v, true)
		if groups != 1 {
			attrs = append(attrs, op.Attr("group", groups))
		}
		y := x.Emit(1, "Conv", in, attrs...)[0]
		return one(x.activate("activation", x.fromFront(y, first)))
	}
}

// kernelPerm turns [window..., a, b] into [b, a, window...].
func kernelPerm(n int) []int {
	perm := []int{n + 1, n}
	for i := range n {
		perm = append(perm, i)
	}
	return perm
}

// bias takes the bias, nil where the layer has none.
func (x *emit) bias(size int) *ir.Value {
	if !x.layer.flag("use_bias", true) {
		return nil
	}
	return x.weight("bias", size)
}

// depthwise emits a convolution of each channel on its own. Keras's kernel is [window..., channels,
// multiplier], ONNX's [channels*multiplier, 1, window...].
func (x *emit) depthwise(name string, v *ir.Value, w window, bias bool) *ir.Value {
	n := len(w.size)
	mult := x.layer.integer("depth_multiplier", 1)
	kernel := x.take(name, append(slices.Clone(w.size), -1, mult)...)
	if kernel == nil {
		return v
	}
	channels := kernel.Shape()[n]
	perm := []int{n, n + 1}
	for i := range n {
		perm = append(perm, i)
	}
	in := []*ir.Value{v, x.constant(name, x.reshaped(permuted(kernel, perm...), append([]int{channels * mult, 1}, w.size...)...)), nil}
	if bias {
		in[2] = x.bias(channels * mult)
	}
	return x.Emit(1, "Conv", in, append(w.attrs(x, v, true), op.Attr("group", channels))...)[0]
}

// depthwiseConv converts DepthwiseConv1D and DepthwiseConv2D.
func depthwiseConv(n int) convertFunc {
	return func(x *emit) []*ir.Value {
		x.noCall()
		first := x.channelsFirst()
		w := x.convWindow(n)
		if g := x.layer.integer("groups", 1); g != 1 {
			x.Fail(argument("groups", g))
		}
		if !x.rank(n + 2) {
			return x.in[:1]
		}
		y := x.depthwise("kernel", x.toFront(x.in[0], first), w, true)
		return one(x.activate("activation", x.fromFront(y, first)))
	}
}

// separableConv converts SeparableConv1D and SeparableConv2D: a depthwise convolution, then one whose
// window is a point.
func separableConv(n int) convertFunc {
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
		v := x.depthwise("depthwise_kernel", x.toFront(x.in[0], first), w, false)
		point := slices.Repeat([]int{1}, n)
		kernel := x.take("pointwise_kernel", append(slices.Clone(point), -1, filters)...)
		if kernel == nil {
			return x.in[:1]
		}
		in := []*ir.Value{v, x.constant("pointwise_kernel", permuted(kernel, kernelPerm(n)...)), x.bias(filters)}
		y := x.Emit(1, "Conv", in, op.Attr("kernel_shape", point))[0]
		return one(x.activate("activation", x.fromFront(y, first)))
	}
}
