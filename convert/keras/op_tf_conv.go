package keras

import (
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// tfConvolutions adds those functions of tf.nn that slide a window over sequences, images and volumes, and the
// normalizations that go with them. Kernels have Keras's order of axes.
func tfConvolutions(m map[string]operation) {
	for _, size := range []string{"", "1d", "2d", "3d"} {
		m["nn.max_pool"+size] = operation{"input ksize strides padding data_format", tfPool("max_pool", "ksize")}
		m["nn.avg_pool"+size] = operation{"input ksize strides padding data_format", tfPool("average_pool", "ksize")}
	}
	m["nn.pool"] = operation{"input window_shape pooling_type strides padding data_format", func(x *emit, a *arguments) []*ir.Value {
		name := map[string]string{"MAX": "max_pool", "AVG": "average_pool"}[a.text("pooling_type", "")]
		if name == "" {
			a.fail("pooling_type")
			return one(a.value("input"))
		}
		return tfPool(name, "window_shape")(x, a)
	}}
	for name, params := range map[string]string{
		"conv1d": "input filters stride padding", "conv2d": "input filters strides padding", "conv3d": "input filters strides padding",
		"convolution": "input filters strides padding", "depthwise_conv2d": "input filters strides padding",
	} {
		m["nn."+name] = operation{params + " use_cudnn_on_gpu data_format dilations rate dilation_rate filter", tfConv(name == "depthwise_conv2d")}
	}
	m["nn.separable_conv2d"] = operation{"input depthwise_filter pointwise_filter strides padding rate data_format dilations", func(x *emit, a *arguments) []*ir.Value {
		a.values["filters"] = a.get("depthwise_filter")
		v := tfConv(true)(x, a)[0]
		return one(a.conv(v, "pointwise_filter", false, false))
	}}
	for _, size := range []string{"1d", "2d", "3d"} {
		m["nn.conv"+size+"_transpose"] = operation{"input filters output_shape strides padding data_format dilations filter", tfConvTranspose}
	}
	m["nn.bias_add"] = operation{"value bias data_format", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("value")
		b := a.asValue("bias", a.get("bias"), v)
		if f := a.text("data_format", "NHWC"); strings.HasPrefix(f, "NC") {
			b = x.ReshapeTo(b, append([]int{-1}, slices.Repeat([]int{1}, v.Fact.Rank()-2)...)...)
		}
		return one(x.Add(v, b))
	}}
	m["nn.local_response_normalization"] = operation{"input depth_radius bias alpha beta", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("input")
		size := 2*a.integer("depth_radius", 5) + 1
		attrs := []ir.Attr{op.Attr("size", size), op.Attr("alpha", a.num("alpha", 1)*float64(size)), op.Attr("beta", a.num("beta", .5)), op.Attr("bias", a.num("bias", 1))}
		return one(x.fromFront(x.OpA("LRN", x.toFront(v, false), attrs...), false))
	}}
	m["nn.batch_normalization"] = operation{"x mean variance offset scale variance_epsilon", func(x *emit, a *arguments) []*ir.Value {
		a.values["epsilon"] = a.get("variance_epsilon")
		return batchNormOperation(x, a)
	}}
}

// inSpace takes the sizes in space of a list for all axes, such as [1, h, w, 1] for images.
func inSpace(v any, rank int) any {
	if list, ok := v.([]any); ok && len(list) == rank && rank > 2 {
		return list[1 : len(list)-1]
	}
	return v
}

// tfWindow names the arguments of a window as keras.ops does.
func (a *arguments) tfWindow(rank int) {
	for ours, theirs := range map[string][]string{"strides": {"strides", "stride"}, "dilation_rate": {"dilations", "rate", "dilation_rate"}} {
		for _, t := range theirs {
			if a.has(t) {
				a.values[ours] = inSpace(a.get(t), rank)
				break
			}
		}
	}
	a.values["data_format"] = kerasFormat(a.text("data_format", "NHWC"))
	if a.has("filter") {
		a.values["filters"] = a.get("filter")
	}
}

func tfPool(name, size string) func(*emit, *arguments) []*ir.Value {
	return func(x *emit, a *arguments) []*ir.Value {
		v := a.value("input")
		a.values["inputs"], a.values["pool_size"] = v, inSpace(a.get(size), v.Fact.Rank())
		a.tfWindow(v.Fact.Rank())
		return operations()[name].emit(x, a)
	}
}

// tfConv emits a convolution. Its padding is SAME, VALID, or a list of two numbers for each axis.
func tfConv(depthwise bool) func(*emit, *arguments) []*ir.Value {
	return func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("input"))
		a.get("use_cudnn_on_gpu")
		a.tfWindow(v.Fact.Rank())
		if pads, ok := a.get("padding").([]any); ok {
			v = x.padded(v, pads)
			a.values["padding"] = "valid"
		}
		a.values["padding"] = strings.ToLower(a.text("padding", "valid"))
		return one(a.conv(v, "filters", depthwise, true))
	}
}

// padded is v with zeros around it, as many as pairs of numbers say for each axis.
func (x *emit) padded(v *ir.Value, pads []any) *ir.Value {
	zeros := &arguments{x: x, values: map[string]any{"x": v, "pad_width": pads}, read: map[string]bool{}}
	return padOperation(x, zeros)[0]
}

// tfConvTranspose emits a transposed convolution, which gives the size that output_shape says: those from which a
// convolution with this window and padding leads to the size of the input.
func tfConvTranspose(x *emit, a *arguments) []*ir.Value {
	v := x.float(a.value("input"))
	n := v.Fact.Rank() - 2
	if n < 1 || n > 3 {
		a.fail("input")
		return one(v)
	}
	a.tfWindow(n + 2)
	shape, _ := a.get("output_shape").([]any)
	if known, ok := a.get("output_shape").(*ir.Value); ok {
		for _, d := range known.Fact.Elems {
			size, _ := d.Int()
			shape = append(shape, size)
		}
	}
	a.values["padding"] = strings.ToLower(a.text("padding", "same"))
	k, size := a.kernel("filters", kernelPerm(n))
	w, first := a.window(size[2:], true)
	if v = x.toFront(v, first); x.Err() != nil || len(shape) != n+2 {
		a.fail("output_shape")
		return one(v)
	}
	pads, extra := make([]int, 2*n), make([]int, n)
	for i, axis := range spaceAxes(n, first) {
		out, ok := whole(shape[axis])
		reach, cut := (x.dim(v, i+2)-1)*w.strides[i]+w.reach(i), 0
		if w.padding == "same" {
			cut = max(reach-out, 0)
		}
		extra[i] = out - (reach - cut)
		if !ok || extra[i] < 0 || extra[i] >= w.strides[i] || cut >= w.reach(i) {
			a.fail("output_shape")
			return one(v)
		}
		pads[i], pads[i+n] = cut/2, cut-cut/2
	}
	return one(x.fromFront(x.Emit(1, "ConvTranspose", []*ir.Value{v, k}, op.Attr("strides", w.strides), op.Attr("dilations", w.dilation),
		op.Attr("pads", pads), op.Attr("output_padding", extra))[0], first))
}
