package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tfColorSpaces are the matrices of tf.image by which colours (rows) are multiplied from the right.
var tfColorSpaces = map[string][]float32{
	"image.rgb_to_yuv": {.299, -.14714119, .61497538, .587, -.28886916, -.51496512, .114, .43601035, -.10001026},
	"image.yuv_to_rgb": {1, 1, 1, 0, -.394642334, 2.03206185, 1.13988303, -.58062185, 0},
	"image.rgb_to_yiq": {.299, .59590059, .2115, .587, -.27455667, -.52273617, .114, -.32134392, .31119955},
	"image.yiq_to_rgb": {1, 1, 1, .95598634, -.27201283, -1.10674021, .6208248, -.64720424, 1.70423049},
}

// tfColors adds TensorFlow's functions on the colours of images, in float32.
func tfColors(m map[string]operation) {
	for name, matrix := range tfColorSpaces {
		m[name] = operation{"images", func(x *emit, a *arguments) []*ir.Value {
			t, err := tensor.New(matrix, 3, 3)
			x.Fail(err)
			return one(x.MatMul(a.value("images"), x.Const(t)))
		}}
	}
	m["image.rgb_to_hsv"] = operation{"images", operations()["rgb_to_hsv"].emit}
	m["image.hsv_to_rgb"] = operation{"images", operations()["hsv_to_rgb"].emit}
	m["image.adjust_brightness"] = operation{"image delta", func(x *emit, a *arguments) []*ir.Value {
		return one(x.AddScalar(a.realImage("image"), a.num("delta", 0)))
	}}
	m["image.adjust_contrast"] = operation{"images contrast_factor", func(x *emit, a *arguments) []*ir.Value {
		v := a.realImage("images")
		mean := x.Reduce("ReduceMean", v, true, v.Fact.Rank()-3, v.Fact.Rank()-2)
		return one(x.Add(x.Scale(x.Sub(v, mean), a.num("contrast_factor", 1)), mean))
	}}
	m["image.adjust_gamma"] = operation{"image gamma gain", func(x *emit, a *arguments) []*ir.Value {
		v := a.realImage("image")
		return one(x.Scale(x.Op("Pow", v, x.Scalar(v, a.num("gamma", 1))), a.num("gain", 1)))
	}}
	m["image.adjust_saturation"] = operation{"image saturation_factor", func(x *emit, a *arguments) []*ir.Value {
		factor := a.num("saturation_factor", 1)
		return one(x.inHSV(a.realImage("image"), func(h, s *ir.Value) (*ir.Value, *ir.Value) {
			return h, x.Op("Clip", x.Scale(s, factor), x.Scalar(s, 0), x.Scalar(s, 1))
		}))
	}}
	m["image.adjust_hue"] = operation{"image delta", func(x *emit, a *arguments) []*ir.Value {
		delta := a.num("delta", 0)
		return one(x.inHSV(a.realImage("image"), func(h, s *ir.Value) (*ir.Value, *ir.Value) {
			turned := x.AddScalar(h, delta)
			return x.Sub(turned, x.Op("Floor", turned)), s
		}))
	}}
	m["image.convert_image_dtype"] = operation{"image dtype saturate", tfImageType}
}

// realImage returns an image in floats: TensorFlow scales integers before it changes them.
func (a *arguments) realImage(key string) *ir.Value {
	v := a.value(key)
	if a.x.Err() == nil && (!isFloat(v.Fact.DType) || v.Fact.Rank() < 3) {
		a.x.Fail(op.Unsupportedf("colours of %v", v.Fact))
	}
	return v
}

// inHSV changes hue and saturation of an image in red, green and blue.
func (x *emit) inHSV(v *ir.Value, change func(h, s *ir.Value) (*ir.Value, *ir.Value)) *ir.Value {
	call := func(name string, v *ir.Value) *ir.Value {
		return x.callOperation(name, nil, map[string]any{"images": v, "data_format": "channels_last"})[0]
	}
	hsv := call("rgb_to_hsv", v)
	last := v.Fact.Rank() - 1
	channel := func(i int) *ir.Value { return x.slice(hsv, last, i, i+1, 1) }
	h, s := change(channel(0), channel(1))
	return call("hsv_to_rgb", x.Concat(last, h, s, channel(2)))
}

// tfImageType brings an image to floats, integers to between 0 and 1.
func tfImageType(x *emit, a *arguments) []*ir.Value {
	v, to := a.value("image"), a.dtype("dtype", tensor.Float32)
	a.flag("saturate") // where nothing can be beyond
	top, isInt := map[tensor.DType]float64{tensor.Uint8: 255, tensor.Int8: 127, tensor.Uint16: 65535, tensor.Int16: 32767}[v.Fact.DType]
	switch {
	case v.Fact.DType == to:
		return one(v)
	case to != tensor.Float32 && to != tensor.Float64 || !isInt && !isFloat(v.Fact.DType):
		x.Fail(op.Unsupportedf("an image of %v as %v", v.Fact.DType, to))
		return one(v)
	case isInt:
		return one(x.Scale(x.Cast(v, to), 1/top))
	}
	return one(x.Cast(v, to))
}
