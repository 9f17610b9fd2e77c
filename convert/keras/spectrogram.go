package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// stftSpectrogram is the short-time Fourier transform of each channel as two convolutions, for its real and
// its imaginary part, whose kernels are weights of the layer.
func stftSpectrogram(x *emit) []*ir.Value {
	x.noCall()
	for _, k := range []string{"window", "scaling", "periodic", "fft_length"} { // the kernels hold them
		x.layer.get(k)
	}
	mode, first, wide := x.layer.text("mode", "log"), x.channelsFirst(), x.layer.flag("expand_dims", false)
	frame := x.layer.integer("frame_length", 256)
	step := x.layer.integer("frame_step", frame/2)
	padding := x.layer.text("padding", "valid")
	if !x.rank(3) || step < 1 || step > maxWindow {
		x.Fail(argument("frame_step", step))
		return x.in[:1]
	}
	v := x.toFront(x.float(x.in[0]), first)
	channels := x.dim(v, 1)
	if x.Err() != nil {
		return x.in[:1]
	}
	v = x.ReshapeTo(v, -1, 1, lastSize(v))
	part := func(name string) *ir.Value { // (batch, channels, frequencies, time)
		k := x.take(name, frame, 1, -1)
		if k == nil {
			return v
		}
		w := window{[]int{frame}, []int{step}, []int{1}, padding}
		y := x.Emit(1, "Conv", []*ir.Value{v, x.constant(name, permuted(k, kernelPerm(1)...))}, w.attrs(x, v, true)...)[0]
		return x.ReshapeTo(y, -1, channels, k.Shape()[2], lastSize(y))
	}
	var re, im *ir.Value
	if mode != "imag" {
		re = part("real_kernel")
	}
	if mode != "real" {
		im = part("imag_kernel")
	}
	if x.Err() != nil {
		return x.in[:1]
	}
	return one(x.spectrumShape(x.spectrum(mode, re, im), first, wide))
}

// lastSize is the size of the last axis for a reshape.
func lastSize(v *ir.Value) int {
	if n, ok := lastOf(v); ok {
		return n
	}
	return -1
}

// spectrum is what a mode makes of the two parts.
func (x *emit) spectrum(mode string, re, im *ir.Value) *ir.Value {
	const epsilon = 1e-7
	switch mode {
	case "real":
		return re
	case "imag":
		return im
	case "angle":
		return arctan2(x, im, re)
	case "stft":
		return x.Concat(2, re, im)
	}
	power := x.Add(x.Mul(re, re), x.Mul(im, im))
	switch mode {
	case "psd": // what lies between the first frequency and the last counts twice
		inner := x.slice(power, 2, 1, -1, 1)
		return x.Add(power, x.Op("Pad", inner, x.Ints(0, 0, 1, 0, 0, 0, 1, 0)))
	case "magnitude", "log":
		y := x.Op("Sqrt", x.Op("Max", power, x.Scalar(power, epsilon)))
		if mode == "log" {
			y = x.Op("Log", x.Op("Max", y, x.Scalar(y, epsilon)))
		}
		return y
	}
	x.Fail(argument("mode", mode))
	return power
}

// spectrumShape brings (batch, channels, frequencies, time) to the layer's order.
func (x *emit) spectrumShape(v *ir.Value, first, wide bool) *ir.Value {
	n := x.dim(v, 1) * x.dim(v, 2)
	switch {
	case wide && first:
		return x.Transpose(v, 0, 1, 3, 2)
	case wide:
		return x.Transpose(v, 0, 3, 2, 1)
	}
	v = x.ReshapeTo(v, -1, n, lastSize(v))
	if !first {
		v = x.Transpose(v, 0, 2, 1)
	}
	return v
}

// spectralNormalization is the wrapped layer: dividing by the largest singular value changes the weights in
// training alone.
func spectralNormalization(x *emit) []*ir.Value {
	x.noCall()
	x.layer.get("power_iterations")
	inner, err := x.layer.inner("layer")
	if err != nil {
		x.Fail(err)
		return x.in
	}
	// The wrapper has the kernel, too, and the singular vector: in front in .keras, in .h5 the vector at the end.
	if _, tree := x.converter.store.(*treeStore); tree && len(x.weights) > 2 {
		x.weights = x.weights[2:]
	} else if n := len(x.weights); !tree && n > 1 {
		x.weights = x.weights[:n-1]
	}
	return x.applyInner(inner, x.in...)
}

// reversibleEmbedding is an embedding, or, called with reverse, the product with its table transposed.
func reversibleEmbedding(x *emit) []*ir.Value {
	tied, softCap := x.layer.flag("tie_weights", true), x.layer.num("logit_soft_cap", 0)
	x.layer.get("reverse_dtype")
	reverse := x.call.kwargs["reverse"] == true
	delete(x.call.kwargs, "reverse")
	if !reverse {
		out := embedding(x)
		x.weights = nil
		return out
	}
	x.noCall()
	for _, k := range []string{"mask_zero", "input_dim", "output_dim"} {
		x.layer.get(k)
	}
	table := x.take("embeddings", -1, -1)
	if !tied {
		table = x.take("reverse_embeddings", -1, -1)
	} else if table != nil {
		table = permuted(table, 1, 0)
	}
	if table == nil {
		return x.in[:1]
	}
	y := x.MatMul(x.float(x.in[0]), x.constant("reverse_embeddings", tensor.Any(table)))
	if softCap != 0 {
		y = x.Scale(x.Op("Tanh", x.Scale(y, 1/softCap)), softCap)
	}
	return one(y)
}

// pipeline applies layers one after the other.
func pipeline(x *emit) []*ir.Value {
	x.noCall()
	list, _ := x.layer.get("layers").([]any)
	v := x.in
	for i := range list {
		wrap := &layer{Config: map[string]any{"layer": list[i]}}
		inner, err := wrap.inner("layer")
		if err != nil {
			x.Fail(err)
			return v
		}
		if v = x.applyInner(inner, v...); x.Err() != nil {
			return v
		}
	}
	if len(list) == 0 {
		x.Fail(op.Malformedf("a Pipeline of no layers"))
	}
	return v
}
