package keras

import (
	"math"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
)

// tfImages adds TensorFlow's functions on images.
func tfImages(m map[string]operation) {
	for name, onnx := range map[string]string{"nn.depth_to_space": "depth_to_space", "nn.space_to_depth": "space_to_depth"} {
		m[name] = operation{"input block_size data_format", func(x *emit, a *arguments) []*ir.Value {
			a.values["x"] = a.get("input")
			a.values["data_format"] = kerasFormat(a.text("data_format", "NHWC"))
			return operations()[onnx].emit(x, a)
		}}
	}
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
	m["image.psnr"] = operation{"a b max_val", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("a", "b") // of each image, over its last three axes
		d := x.Sub(x.float(v[0]), x.float(v[1]))
		rank := d.Fact.Rank()
		db := x.Scale(x.Op("Log", x.Reduce("ReduceMean", x.Mul(d, d), false, rank-3, rank-2, rank-1)), -10/math.Ln10)
		return one(x.AddScalar(db, 20*math.Log10(a.num("max_val", 1))))
	}}
	m["image.central_crop"] = operation{"image central_fraction", tfCentralCrop}
}

// kerasFormat returns Keras's name of an order of axes.
func kerasFormat(f string) string {
	if strings.HasPrefix(f, "NC") {
		return "channels_first"
	}
	return "channels_last"
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
