package keras

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// asLayer emits an operation as the layer that computes the same, on a configuration made of arguments.
func (x *emit) asLayer(class string, config map[string]any, in ...*ir.Value) []*ir.Value {
	s := &emit{Builder: x.Builder, converter: x.converter, layer: &layer{Class: class, Config: config}, in: in, path: x.path, at: x.at}
	return x.converter.layers[class](s)
}

// config makes a layer's configuration of arguments that are there. A name that reads a=b is a here and b there.
func (a *arguments) config(keys ...[2]string) map[string]any {
	c := map[string]any{}
	for _, k := range keys {
		if v := a.get(k[0]); v != nil {
			c[k[1]] = v
		}
	}
	return c
}

func asIs(key string) [2]string { return [2]string{key, key} }

// nnOperations adds the functions of keras.ops.nn that are layers, too.
func nnOperations(m map[string]operation) {
	for name, p := range map[string]struct{ class, keys string }{
		"max_pool": {"MaxPooling", "pool_size"}, "average_pool": {"AveragePooling", "pool_size"},
		"adaptive_max_pool": {"AdaptiveMaxPooling", "output_size"}, "adaptive_average_pool": {"AdaptiveAveragePooling", "output_size"},
	} {
		m[name] = operation{"inputs " + p.keys + " strides padding data_format", func(x *emit, a *arguments) []*ir.Value {
			v := x.float(a.value("inputs"))
			c := a.config(asIs(p.keys), asIs("strides"), asIs("padding"), asIs("data_format"))
			if v.Fact.Rank() < 3 || v.Fact.Rank() > 5 {
				a.fail("inputs")
				return one(v)
			}
			return x.asLayer(p.class+string(rune('0'+v.Fact.Rank()-2))+"D", c, v)
		}}
	}
	for name, depthwise := range map[string]bool{"conv": false, "depthwise_conv": true} {
		m[name] = operation{"inputs kernel strides padding data_format dilation_rate", func(x *emit, a *arguments) []*ir.Value {
			return one(a.conv(x.float(a.value("inputs")), "kernel", depthwise, true))
		}}
	}
	m["separable_conv"] = operation{"inputs depthwise_kernel pointwise_kernel strides padding data_format dilation_rate", func(x *emit, a *arguments) []*ir.Value {
		v := a.conv(x.float(a.value("inputs")), "depthwise_kernel", true, true)
		return one(a.conv(v, "pointwise_kernel", false, false))
	}}
	m["conv_transpose"] = operation{"inputs kernel strides padding output_padding data_format dilation_rate", convTransposeOperation}
	m["batch_norm"] = operation{"x mean variance axis offset scale epsilon", batchNormOperation}
	m["layer_norm"] = operation{"x gamma beta axis epsilon rms_scaling", layerNormOperation}
	m["rms_norm"] = operation{"x scale axis epsilon", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		axes := a.lastAxes("axis", v.Fact.Rank())
		y := x.Div(v, x.Op("Sqrt", x.AddScalar(x.Reduce("ReduceMean", x.Mul(v, v), true, axes...), a.num("epsilon", 1e-7))))
		if a.has("scale") {
			y = x.Mul(y, a.asValue("scale", a.get("scale"), v))
		}
		return one(y)
	}}
	m["dot_product_attention"] = operation{"query key value bias mask scale is_causal flash_attention attn_logits_soft_cap", dotProductAttention}
	m["multi_hot"] = operation{"inputs num_classes axis dtype sparse", func(x *emit, a *arguments) []*ir.Value {
		v := a.indices("inputs")
		n := a.integer("num_classes", 0)
		if n < 1 || n > 1<<30 {
			a.fail("num_classes")
			return one(v)
		}
		// The classes have an axis of their own, and the first one behind the batch goes.
		rank := v.Fact.Rank()
		hot := x.oneHot(v, n, a.axis("axis", -1, rank+1), a.dtype("dtype", tensor.Float32))
		return one(x.Reduce("ReduceMax", hot, false, min(1, rank-1)))
	}}
	for name, onnx := range map[string]string{"depth_to_space": "DepthToSpace", "space_to_depth": "SpaceToDepth"} {
		m[name] = operation{"x block_size data_format", func(x *emit, a *arguments) []*ir.Value {
			v := a.value("x")
			first := a.text("data_format", "channels_last") == "channels_first"
			y := x.OpA(onnx, x.toFront(v, first), op.Attr("blocksize", a.integer("block_size", 2)))
			return one(x.fromFront(y, first))
		}}
	}
	lossOperations(m)
}

// lastAxes returns axes, the last one where there are none.
func (a *arguments) lastAxes(key string, rank int) []int {
	if !a.has(key) {
		a.values[key] = -1
	}
	return a.axes(key, rank)
}

// kernel returns a kernel with its axes in ONNX's order, and its sizes in that.
func (a *arguments) kernel(key string, perm []int) (*ir.Value, []int) {
	x := a.x
	v := a.asValue(key, a.get(key), nil)
	if v.Fact.Rank() != len(perm) {
		a.fail(key)
		return v, slices.Repeat([]int{1}, len(perm))
	}
	if t, ok := a.get(key).(*tensor.Tensor[float32]); ok {
		v = x.Const(permuted(t, perm...))
	} else {
		v = x.Transpose(v, perm...)
	}
	size := make([]int, len(perm))
	for i := range size {
		size[i] = x.dim(v, i)
	}
	return v, size
}

// window reads the window of an operation as a layer has it.
func (a *arguments) window(size []int, all bool) (w window, first bool) {
	c := a.config(asIs("padding"), asIs("data_format"))
	if all {
		c = a.config(asIs("padding"), asIs("data_format"), asIs("strides"), asIs("dilation_rate"))
	}
	s := &emit{Builder: a.x.Builder, converter: a.x.converter, layer: &layer{Config: c}}
	ones := slices.Repeat([]int{1}, len(size))
	return window{size, s.positive("strides", len(size), ones), s.positive("dilation_rate", len(size), ones), s.layer.text("padding", "valid")}, s.channelsFirst()
}

// conv emits a convolution with a kernel that is an argument; all is with strides and dilations.
func (a *arguments) conv(v *ir.Value, key string, depthwise, all bool) *ir.Value {
	x, n := a.x, v.Fact.Rank()-2
	if n < 1 || n > 3 {
		a.fail("inputs")
		return v
	}
	perm := kernelPerm(n)
	if depthwise {
		perm[0], perm[1] = n, n+1
	}
	k, size := a.kernel(key, perm)
	w, first := a.window(size[2:], all)
	if x.Err() != nil {
		return v
	}
	v = x.toFront(v, first)
	attrs := w.attrs(x, v, true)
	if depthwise {
		k = x.ReshapeTo(k, append([]int{-1, 1}, size[2:]...)...)
		attrs = append(attrs, op.Attr("group", size[0]))
	} else if c, ok := v.Fact.Shape[1].Int(); ok && size[1] > 0 && c != size[1] && c%size[1] == 0 {
		attrs = append(attrs, op.Attr("group", c/size[1]))
	}
	return x.fromFront(x.Emit(1, "Conv", []*ir.Value{v, k}, attrs...)[0], first)
}

func convTransposeOperation(x *emit, a *arguments) []*ir.Value {
	v := x.float(a.value("inputs"))
	n := v.Fact.Rank() - 2
	if n < 1 || n > 3 {
		a.fail("inputs")
		return one(v)
	}
	k, size := a.kernel("kernel", kernelPerm(n))
	w, first := a.window(size[2:], true)
	s := &emit{Builder: x.Builder, converter: x.converter, layer: &layer{Config: a.config(asIs("output_padding"))}}
	attrs := append([]ir.Attr{
		op.Attr("kernel_shape", w.size), op.Attr("strides", w.strides), op.Attr("dilations", w.dilation),
	}, s.transposedPads(w)...)
	return one(x.fromFront(x.Emit(1, "ConvTranspose", []*ir.Value{x.toFront(v, first), k}, attrs...)[0], first))
}

// batchNormOperation is (x-mean)/sqrt(variance+epsilon)*scale+offset along an axis.
func batchNormOperation(x *emit, a *arguments) []*ir.Value {
	v := x.float(a.value("x"))
	rank := v.Fact.Rank()
	shape := slices.Repeat([]int{1}, rank-a.axis("axis", -1, rank))
	shape[0] = -1
	part := func(key string) *ir.Value { return x.ReshapeTo(a.asValue(key, a.get(key), v), shape...) }
	y := x.Div(x.Sub(v, part("mean")), x.Op("Sqrt", x.AddScalar(part("variance"), a.num("epsilon", 1e-3))))
	if a.has("scale") {
		y = x.Mul(y, part("scale"))
	}
	if a.has("offset") {
		y = x.Add(y, part("offset"))
	}
	return one(y)
}

func layerNormOperation(x *emit, a *arguments) []*ir.Value {
	v := x.float(a.value("x"))
	axes := a.lastAxes("axis", v.Fact.Rank())
	eps := a.num("epsilon", 1e-7)
	d := x.Sub(v, x.Reduce("ReduceMean", v, true, axes...))
	y := x.Op("Sqrt", x.AddScalar(x.Reduce("ReduceMean", x.Mul(d, d), true, axes...), eps))
	if rms := a.flag("rms_scaling"); rms {
		y = x.Div(v, y)
	} else {
		y = x.Div(d, y)
	}
	if a.has("gamma") {
		y = x.Mul(y, a.asValue("gamma", a.get("gamma"), v))
	}
	if a.has("beta") {
		y = x.Add(y, a.asValue("beta", a.get("beta"), v))
	}
	return one(y)
}

// dotProductAttention is softmax(q·k*scale + bias)·v of (batch, time, heads, size).
func dotProductAttention(x *emit, a *arguments) []*ir.Value {
	v := a.alike("query", "key", "value")
	if a.has("attn_logits_soft_cap") {
		a.fail("attn_logits_soft_cap")
	}
	if v[0].Fact.Rank() != 4 || v[1].Fact.Rank() != 4 || v[2].Fact.Rank() != 4 {
		a.fail("query")
		return one(v[0])
	}
	q, k, w := x.Transpose(v[0], 0, 2, 1, 3), x.Transpose(v[1], 0, 2, 3, 1), x.Transpose(v[2], 0, 2, 1, 3)
	if n, m := x.dim(v[0], 2), x.dim(v[1], 2); x.Err() == nil && n != m && m > 1 {
		k, w = x.repeatHeads(k, n/m, m), x.repeatHeads(w, n/m, m)
	}
	scale := 1 / math.Sqrt(float64(x.dim(v[1], 3)))
	scores := x.Scale(x.MatMul(q, k), a.num("scale", scale))
	if a.has("bias") {
		scores = x.Add(scores, a.asValue("bias", a.get("bias"), scores))
	}
	var mask *ir.Value
	if a.has("mask") {
		mask = x.Cast(a.value("mask"), tensor.Bool)
	}
	if a.flag("is_causal") {
		causal := x.triangle(v[0], v[1], 1)
		if mask == nil {
			mask = causal
		} else {
			mask = x.Op("And", mask, causal)
		}
	}
	if mask != nil {
		scores = x.Where(mask, scores, x.Scalar(scores, -math.MaxFloat32*.7))
	}
	y := x.MatMul(x.OpA("Softmax", scores, op.Attr("axis", -1)), w)
	return one(x.Transpose(y, 0, 2, 1, 3))
}

// repeatHeads repeats each of m heads along axis 1.
func (x *emit) repeatHeads(v *ir.Value, times, m int) *ir.Value {
	at := make([]int, 0, times*m)
	for i := range m {
		at = append(at, slices.Repeat([]int{i}, times)...)
	}
	return x.Gather(v, x.Ints(at...), 1)
}

// lossOperations adds those that models are made of where a loss is an output.
func lossOperations(m map[string]operation) {
	m["binary_crossentropy"] = operation{"target output from_logits", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("target", "output")
		t, y := x.float(v[0]), x.float(v[1])
		if a.flag("from_logits") {
			y = x.Op("Sigmoid", y)
		}
		y = x.Op("Clip", y, x.Scalar(y, 1e-7), x.Scalar(y, 1-1e-7))
		one1 := x.Scalar(y, 1)
		sum := x.Add(x.Mul(t, x.Op("Log", y)), x.Mul(x.Sub(one1, t), x.Op("Log", x.Sub(one1, y))))
		return one(x.Neg(sum))
	}}
	m["categorical_crossentropy"] = operation{"target output from_logits axis", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("target", "output")
		t, y := x.float(v[0]), x.float(v[1])
		axis := a.axis("axis", -1, y.Fact.Rank())
		if a.flag("from_logits") {
			y = x.OpA("LogSoftmax", y, op.Attr("axis", axis))
		} else {
			y = x.Div(y, x.Sum(y, true, axis))
			y = x.Op("Log", x.Op("Clip", y, x.Scalar(y, 1e-7), x.Scalar(y, 1-1e-7)))
		}
		return one(x.Neg(x.Sum(x.Mul(t, y), false, axis)))
	}}
	m["sparse_categorical_crossentropy"] = operation{"target output from_logits axis", func(x *emit, a *arguments) []*ir.Value {
		t, y := x.Cast(a.value("target"), tensor.Int64), x.float(a.value("output"))
		last := y.Fact.Rank() - 1
		if a.axis("axis", -1, last+1) != last {
			a.fail("axis")
			return one(y)
		}
		if t.Fact.Rank() == last {
			t = x.Unsqueeze(t, last)
		}
		if !a.flag("from_logits") { // not divided by their sum before: the softmax of logarithms does that
			y = x.Op("Log", x.Op("Clip", y, x.Scalar(y, 1e-7), x.Scalar(y, 1-1e-7)))
		}
		y = x.Emit(1, "GatherElements", []*ir.Value{x.OpA("LogSoftmax", y, op.Attr("axis", last)), t}, op.Attr("axis", last))[0]
		return one(x.Neg(x.Squeeze(y, last)))
	}}
	m["psnr"] = operation{"x1 x2 max_val", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		d := x.Sub(x.float(v[0]), x.float(v[1]))
		mse := x.Reduce("ReduceMean", x.Mul(d, d), false)
		db := x.Scale(x.Op("Log", mse), -10/math.Ln10)
		return one(x.AddScalar(db, 20*math.Log10(a.num("max_val", 1))))
	}}
}
