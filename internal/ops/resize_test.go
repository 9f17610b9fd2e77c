package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestResize(t *testing.T) {
	x := f32([]float32{1, 2, 3, 4}, 1, 1, 2, 2)
	line := f32([]float32{1, 2, 3, 4}, 4)
	scales := func(s ...float32) tensor.Any { return tensor.Vector(s...) }
	sizes := func(s ...int64) tensor.Any { return tensor.Vector(s...) }
	mode := func(m string, more ...ir.Attr) []ir.Attr { return append(attrs(at("mode", m)), more...) }
	coords := func(c string) ir.Attr { return at("coordinate_transformation_mode", c) }
	runRows(t, []row{
		{name: "nearest", op: "Resize", in: ins(x, nil, scales(1, 1, 2, 2)), want: ins(f32([]float32{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, 1, 1, 4, 4))},
		{name: "nearest, sizes, axes", op: "Resize", attrs: attrs(at("axes", []int{3})), in: ins(x, nil, nil, sizes(4)), want: ins(f32([]float32{1, 1, 2, 2, 3, 3, 4, 4}, 1, 1, 2, 4))},
		{name: "nearest of strings", op: "Resize", in: ins(tensor.Vector("a", "b"), nil, scales(2)), want: ins(tensor.Vector("a", "a", "b", "b"))},
		{name: "floor", op: "Resize", attrs: attrs(at("nearest_mode", "floor"), coords("asymmetric")), in: ins(line, nil, nil, sizes(3)), want: ins(f32([]float32{1, 2, 3}, 3))},
		{name: "ceil", op: "Resize", attrs: attrs(at("nearest_mode", "ceil"), coords("asymmetric")), in: ins(line, nil, nil, sizes(3)), want: ins(f32([]float32{1, 3, 4}, 3))},
		{name: "linear", op: "Resize", attrs: mode("linear"), in: ins(x, nil, scales(1, 1, 2, 2)), want: ins(f32([]float32{1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4}, 1, 1, 4, 4))},
		{name: "linear, corners", op: "Resize", opset: 13, attrs: mode("linear", coords("align_corners")), in: ins(line, nil, nil, sizes(3)), want: ins(f32([]float32{1, 2.5, 4}, 3))},
		{name: "linear, one corner", op: "Resize", attrs: mode("linear", coords("align_corners")), in: ins(line, nil, nil, sizes(1)), want: ins(f32([]float32{1}, 1))},
		{name: "linear, pytorch", op: "Resize", attrs: mode("linear", coords("pytorch_half_pixel")), in: ins(line, nil, nil, sizes(1)), want: ins(f32([]float32{1}, 1))},
		{name: "linear, symmetric", op: "Resize", attrs: mode("linear", coords("half_pixel_symmetric")), in: ins(line, nil, scales(.6)), want: ins(f32([]float32{1.6666667, 3.3333333}, 2))},
		{name: "linear, antialiased", op: "Resize", attrs: mode("linear", at("antialias", 1)), in: ins(line, nil, nil, sizes(2)), want: ins(f32([]float32{1.625, 3.375}, 2))},
		{name: "linear of bytes truncates", op: "Resize", attrs: mode("linear"), in: ins(tensor.Vector[uint8](0, 255), nil, scales(2)), want: ins(tensor.Vector[uint8](0, 63, 191, 255))},
		{name: "linear of halves", op: "Resize", attrs: mode("linear"), in: ins(tensor.Vector(tensor.ToHalf(0), tensor.ToHalf(4)), nil, scales(2)), want: ins(tensor.Vector(tensor.ToHalf(0), tensor.ToHalf(1), tensor.ToHalf(3), tensor.ToHalf(4)))},
		{name: "cubic", op: "Resize", attrs: mode("cubic"), in: ins(line, nil, nil, sizes(8))},
		{name: "cubic, sum 1", op: "Resize", attrs: mode("cubic", at("exclude_outside", 1)), in: ins(f32([]float32{3, 3, 3}, 3), nil, scales(2.5)), want: ins(f32([]float32{3, 3, 3, 3, 3, 3, 3}, 7))},
		{name: "cubic, antialiased", op: "Resize", attrs: mode("cubic", at("antialias", 1)), in: ins(line, nil, nil, sizes(3))},
		{name: "crop", op: "Resize", attrs: mode("linear", coords("tf_crop_and_resize"), at("extrapolation_value", 9.0)), in: ins(line, scales(.5, 1.5), nil, sizes(3)), want: ins(f32([]float32{2.5, 4, 9}, 3)), nograd: true},
		{name: "crop, nearest", op: "Resize", attrs: attrs(coords("tf_crop_and_resize"), at("extrapolation_value", 9.0)), in: ins(line, scales(.5, 1.5), nil, sizes(3)), want: ins(f32([]float32{2, 4, 9}, 3)), nograd: true},
		{name: "crop without roi", op: "Resize", attrs: attrs(coords("tf_crop_and_resize")), in: ins(line, nil, nil, sizes(3)), err: "needs the input roi"},
		{name: "not larger", op: "Resize", attrs: attrs(at("keep_aspect_ratio_policy", "not_larger")), in: ins(ramp(2, 4), nil, nil, sizes(4, 4)), want: ins(ramp(2, 4))},
		{name: "not smaller", op: "Resize", attrs: attrs(at("keep_aspect_ratio_policy", "not_smaller")), in: ins(f32([]float32{5, 6}, 1, 2), nil, nil, sizes(2, 2)), want: ins(f32([]float32{5, 5, 6, 6, 5, 5, 6, 6}, 2, 4))},
		{name: "identity", op: "Resize", attrs: mode("linear"), in: ins(line, nil, scales(1)), want: ins(line)},
		{name: "to nothing", op: "Resize", in: ins(line, nil, scales(.1)), want: ins(ramp(0))},
		{name: "opset 11", op: "Resize", opset: 11, in: ins(x, tensor.Zeros[float32](0), scales(1, 1, 1, 2)), want: ins(f32([]float32{1, 1, 2, 2, 3, 3, 4, 4}, 1, 1, 2, 4))},
		{name: "opset 11, sizes", op: "Resize", opset: 11, in: ins(x, tensor.Zeros[float32](0), tensor.Zeros[float32](0), sizes(1, 1, 2, 4)), want: ins(f32([]float32{1, 1, 2, 2, 3, 3, 4, 4}, 1, 1, 2, 4))},
		{name: "linear, opset 10", op: "Resize", opset: 10, attrs: mode("linear"), in: ins(line, scales(2)), want: ins(f32([]float32{1, 1.5, 2, 2.5, 3, 3.5, 4, 4}, 8))},
		{name: "from nothing", op: "Resize", in: ins(ramp(0), nil, nil, sizes(2)), err: "no elements to interpolate"},
		{name: "both", op: "Resize", in: ins(line, nil, scales(2), sizes(2)), err: "one of scales and sizes"},
		{name: "scale 0", op: "Resize", in: ins(line, nil, scales(0)), err: "scale 0"},
		{name: "scale NaN", op: "Resize", in: ins(line, nil, scales(float32(math.NaN()))), err: "scale NaN"},
		{name: "scale infinite", op: "Resize", in: ins(line, nil, scales(float32(math.Inf(1)))), err: "scale +Inf"},
		{name: "huge", op: "Resize", in: ins(line, nil, nil, sizes(math.MaxInt64)), err: "in sizes"},
		{name: "count", op: "Resize", in: ins(x, nil, scales(2)), err: "expected 4 elements"},
		{name: "linear of strings", op: "Resize", attrs: mode("linear"), in: ins(tensor.Vector("a"), nil, scales(2)), err: "mode linear of string"},
		{name: "mode", op: "Resize", attrs: mode("area"), in: ins(line, nil, scales(2)), err: `mode "area"`},
		{name: "coordinates", op: "Resize", attrs: attrs(coords("x")), in: ins(line, nil, scales(2)), err: "coordinate_transformation_mode"},
	})
}

// TestUpsample has scales as constants, as before opset 11 onnxruntime's rounding depends on them.
func TestUpsample(t *testing.T) {
	runRows(t, []row{
		{name: "attribute", op: "Upsample", opset: 7, attrs: attrs(at("scales", []float32{1, 2})), in: ins(ramp(2, 2)), want: ins(f32([]float32{0, 0, 1, 1, 2, 2, 3, 3}, 2, 4))},
		{name: "linear", op: "Upsample", opset: 7, attrs: attrs(at("scales", []float32{2}), at("mode", "linear")), in: ins(ramp(2)), want: ins(f32([]float32{0, .5, 1, 1}, 4))},
		{name: "shrinking rounds up", op: "Upsample", opset: 7, attrs: attrs(at("scales", []float32{.75})), in: ins(ramp(4)), want: ins(f32([]float32{0, 2, 3}, 3))},
		{name: "mode", op: "Upsample", opset: 7, attrs: attrs(at("scales", []float32{2}), at("mode", "cubic")), in: ins(ramp(2)), err: `mode is "cubic"`},
	})
}
