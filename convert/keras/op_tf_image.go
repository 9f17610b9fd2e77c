package keras

import (
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// tfImages adds TensorFlow's functions on images.
func tfImages(m map[string]operation) {
	for _, size := range []string{"", "1d", "2d", "3d"} {
		m["nn.max_pool"+size] = operation{"input ksize strides padding data_format", tfPool("max_pool")}
		m["nn.avg_pool"+size] = operation{"input ksize strides padding data_format", tfPool("average_pool")}
	}
	m["nn.conv2d"] = operation{"input filter strides padding use_cudnn_on_gpu data_format dilations filters", tfConv}
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
	for name, onnx := range map[string]string{"nn.depth_to_space": "depth_to_space", "nn.space_to_depth": "space_to_depth"} {
		m[name] = operation{"input block_size data_format", func(x *emit, a *arguments) []*ir.Value {
			a.values["x"] = a.get("input")
			a.values["data_format"] = kerasFormat(a.text("data_format", "NHWC"))
			return operations()[onnx].emit(x, a)
		}}
	}
	m["image.resize"] = operation{"images size method preserve_aspect_ratio antialias", tfResize}
	m["image.rgb_to_grayscale"] = operation{"images", operations()["rgb_to_grayscale"].emit}
	m["image.grayscale_to_rgb"] = operation{"images", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("images")
		return one(x.Concat(v.Fact.Rank()-1, v, v, v))
	}}
	for name, axis := range map[string]int{"image.flip_left_right": -2, "image.flip_up_down": -3} {
		m[name] = operation{"image", func(x *emit, a *arguments) []*ir.Value {
			v := a.value("image")
			return one(x.slice(v, v.Fact.Rank()+axis, -1, math.MinInt, -1))
		}}
	}
	m["image.per_image_standardization"] = operation{"image", tfStandardize}
	m["image.extract_patches"] = operation{"images sizes strides rates padding", func(x *emit, a *arguments) []*ir.Value {
		for from, to := range map[string]string{"sizes": "size", "strides": "strides", "rates": "dilation_rate"} {
			a.values[to] = inSpace(a.get(from), 4)
		}
		a.values["padding"] = strings.ToLower(a.text("padding", "valid"))
		return operations()["extract_patches"].emit(x, a)
	}}
	m["image.central_crop"] = operation{"image central_fraction", tfCentralCrop}
}

func tfResize(x *emit, a *arguments) []*ir.Value {
	if a.flag("preserve_aspect_ratio") {
		a.fail("preserve_aspect_ratio")
	}
	a.values["interpolation"] = strings.ToLower(a.text("method", "bilinear"))
	return operations()["resize"].emit(x, a)
}

// kerasFormat returns Keras's name of an order of axes.
func kerasFormat(f string) string {
	if strings.HasPrefix(f, "NC") {
		return "channels_first"
	}
	return "channels_last"
}

// inSpace takes the sizes in space of a list for all axes, such as [1, h, w, 1] for images.
func inSpace(v any, rank int) any {
	if list, ok := v.([]any); ok && len(list) == rank && rank > 2 {
		return list[1 : len(list)-1]
	}
	return v
}

func tfPool(name string) func(*emit, *arguments) []*ir.Value {
	return func(x *emit, a *arguments) []*ir.Value {
		a.values["data_format"] = kerasFormat(a.text("data_format", "NHWC"))
		rank := a.value("input").Fact.Rank()
		a.values["inputs"], a.values["pool_size"], a.values["strides"] = a.get("input"), inSpace(a.get("ksize"), rank), inSpace(a.get("strides"), rank)
		return operations()[name].emit(x, a)
	}
}

func tfConv(x *emit, a *arguments) []*ir.Value {
	if p := a.text("padding", "VALID"); p != "VALID" && p != "SAME" {
		a.fail("padding")
	}
	a.get("use_cudnn_on_gpu")
	a.values["data_format"] = kerasFormat(a.text("data_format", "NHWC"))
	a.values["strides"], a.values["dilation_rate"] = inSpace(a.get("strides"), 4), inSpace(a.get("dilations"), 4)
	a.values["padding"] = strings.ToLower(a.text("padding", "VALID"))
	a.values["kernel"] = a.get("filter")
	if a.has("filters") {
		a.values["kernel"] = a.get("filters")
	}
	return one(a.conv(x.float(a.value("input")), "kernel", false, true))
}

// tfStandardize is (x-mean)/max(deviation, 1/sqrt(n)) over each image.
func tfStandardize(x *emit, a *arguments) []*ir.Value {
	v := x.float(a.value("image"))
	rank := v.Fact.Rank()
	n := 1
	axes := []int{rank - 3, rank - 2, rank - 1}
	for _, axis := range axes {
		n *= x.dim(v, axis)
	}
	d := x.Sub(v, x.Reduce("ReduceMean", v, true, axes...))
	s := x.Op("Sqrt", x.Reduce("ReduceMean", x.Mul(d, d), true, axes...))
	return one(x.Div(d, x.Op("Max", s, x.Scalar(s, 1/math.Sqrt(float64(n))))))
}

func tfCentralCrop(x *emit, a *arguments) []*ir.Value {
	v, f := a.value("image"), a.num("central_fraction", 1)
	rank := v.Fact.Rank()
	h, w := x.dim(v, rank-3), x.dim(v, rank-2)
	if !(f > 0 && f <= 1) {
		a.fail("central_fraction")
	}
	top, left := int((float64(h)-float64(h)*f)/2), int((float64(w)-float64(w)*f)/2)
	return one(x.Op("Slice", v, x.Ints(top, left), x.Ints(h-top, w-left), x.Ints(rank-3, rank-2)))
}
