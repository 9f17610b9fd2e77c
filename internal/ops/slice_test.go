package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestSlice(t *testing.T) {
	v := func(x ...int64) tensor.Any { return tensor.Vector(x...) }
	x := ramp(3, 4)
	runRows(t, []row{
		{name: "two axes", op: "Slice", in: ins(x, v(1, 1), v(3, 3)), want: ins(f32([]float32{5, 6, 9, 10}, 2, 2))},
		{name: "axes and steps", op: "Slice", in: ins(x, v(0), v(4), v(-1), v(2)), want: ins(f32([]float32{0, 2, 4, 6, 8, 10}, 3, 2)), nograd: true},
		{name: "backwards", op: "Slice", in: ins(ramp(4), v(-1), v(math.MinInt64), v(0), v(-1)), want: ins(f32([]float32{3, 2, 1, 0}, 4)), nograd: true},
		{name: "backwards by 2", op: "Slice", in: ins(ramp(4), v(9), v(0), v(0), v(-2)), want: ins(f32([]float32{3, 1}, 2)), nograd: true},
		{name: "a step of the least integer", op: "Slice", in: ins(ramp(4), v(3), v(math.MinInt64), v(0), v(math.MinInt64)), want: ins(f32([]float32{3}, 1)), nograd: true},
		{name: "to the end", op: "Slice", in: ins(x, v(2), v(math.MaxInt64)), want: ins(f32([]float32{8, 9, 10, 11}, 1, 4)), nograd: true},
		{name: "nothing", op: "Slice", in: ins(x, v(2), v(1)), want: ins(ramp(0, 4)), nograd: true},
		{name: "no axes", op: "Slice", in: ins(x, v(), v()), want: ins(x), nograd: true},
		{name: "int32", op: "Slice", opset: 10, in: ins(ramp(4), tensor.Vector[int32](1), tensor.Vector[int32](3)), want: ins(f32([]float32{1, 2}, 2)), nograd: true},
		{name: "attributes", op: "Slice", opset: 7, attrs: []ir.Attr{at("starts", []int{0}), at("ends", []int{-1}), at("axes", []int{1})}, in: ins(ramp(1, 3)), want: ins(f32([]float32{0, 1}, 1, 2)), nograd: true},
		{name: "empty axis", op: "Slice", in: ins(ramp(0), v(5), v(-5), v(0), v(-1)), want: ins(ramp(0)), nograd: true},
		{name: "step 0", op: "Slice", in: ins(x, v(0), v(1), v(0), v(0)), err: "step 0"},
		{name: "lengths", op: "Slice", in: ins(x, v(0), v(1, 1)), err: "expected 1 elements"},
		{name: "axis", op: "Slice", in: ins(x, v(0), v(1), v(2)), err: "axis 2 outside"},
		{name: "axis twice", op: "Slice", in: ins(x, v(0, 0), v(1, 1), v(0, -2)), err: "named twice"},
	})
}

func TestGather(t *testing.T) {
	x := ramp(3, 2)
	runRows(t, []row{
		{name: "rows", op: "Gather", in: ins(x, i64([]int64{2, 0, -1}, 3)), want: ins(f32([]float32{4, 5, 0, 1, 4, 5}, 3, 2)), nograd: true},
		{name: "columns", op: "Gather", attrs: attrs(at("axis", -1)), in: ins(x, i32([]int32{1, 0}, 1, 2)), want: ins(f32([]float32{1, 0, 3, 2, 5, 4}, 3, 1, 2)), nograd: true},
		{name: "scalar index", op: "Gather", opset: 7, in: ins(x, i64([]int64{1})), want: ins(f32([]float32{2, 3}, 2)), nograd: true},
		{name: "strings", op: "Gather", in: ins(tensor.Vector("a", "b"), i64([]int64{1, 1}, 2)), want: ins(tensor.Vector("b", "b"))},
		{name: "no indices", op: "Gather", in: ins(x, i64([]int64{}, 0)), want: ins(ramp(0, 2)), nograd: true},
		{name: "range", op: "Gather", in: ins(x, i64([]int64{0, 3}, 2)), err: "index 3 (element 1 of the indices) outside axis 0 of size 3"},
		{name: "empty axis", op: "Gather", in: ins(ramp(0), i64([]int64{0}, 1)), err: "outside axis 0 of size 0"},
		{name: "axis", op: "Gather", attrs: attrs(at("axis", 2)), in: ins(x, i64([]int64{0}, 1)), err: "axis 2 outside"},
	})
}
