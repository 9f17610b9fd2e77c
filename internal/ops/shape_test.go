package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func attrs(a ...ir.Attr) []ir.Attr { return a }

func at(name string, v any) ir.Attr { return op.Attr(name, v) }

func ins(t ...tensor.Any) []tensor.Any { return t }

func TestShape(t *testing.T) {
	x := ramp(2, 3, 4)
	runRows(t, []row{
		{name: "all", op: "Shape", in: ins(x), want: ins(i64([]int64{2, 3, 4}, 3))},
		{name: "range", op: "Shape", attrs: attrs(at("start", 1), at("end", 2)), in: ins(x), want: ins(i64([]int64{3}, 1))},
		{name: "negative", op: "Shape", attrs: attrs(at("start", -2), at("end", -1)), in: ins(x), want: ins(i64([]int64{3}, 1))},
		{name: "clamped", op: "Shape", attrs: attrs(at("start", -9), at("end", 9)), in: ins(x), want: ins(i64([]int64{2, 3, 4}, 3))},
		{name: "empty", op: "Shape", attrs: attrs(at("start", 2), at("end", 1)), in: ins(x), want: ins(i64([]int64{}, 0))},
		{name: "scalar", op: "Shape", in: ins(f32([]float32{1})), want: ins(i64([]int64{}, 0))},
		{name: "strings", op: "Shape", in: ins(tensor.Vector("a", "b")), want: ins(i64([]int64{2}, 1))},
		{name: "no start before opset 15", op: "Shape", opset: 13, attrs: attrs(at("start", 1)), in: ins(x), err: "attribute start"},
	})
}

func TestSize(t *testing.T) {
	runRows(t, []row{
		{name: "matrix", op: "Size", in: ins(ramp(2, 3)), want: ins(tensor.Scalar[int64](6))},
		{name: "scalar", op: "Size", opset: 7, in: ins(ramp()), want: ins(tensor.Scalar[int64](1))},
		{name: "empty", op: "Size", in: ins(ramp(2, 0)), want: ins(tensor.Scalar[int64](0))},
	})
}

func TestIdentity(t *testing.T) {
	runRows(t, []row{
		{name: "floats", op: "Identity", in: ins(ramp(2, 3)), want: ins(ramp(2, 3))},
		{name: "opset 1", op: "Identity", opset: 7, in: ins(ramp()), want: ins(ramp())},
		{name: "strings", op: "Identity", in: ins(tensor.Vector("a", "")), want: ins(tensor.Vector("a", ""))},
		{name: "4-bit", op: "Identity", in: ins(tensor.Vector[tensor.I4](-8, 7)), want: ins(tensor.Vector[tensor.I4](-8, 7))},
		{name: "4-bit before opset 21", op: "Identity", opset: 20, in: ins(tensor.Vector[tensor.I4](-8, 7)), err: "does not take"},
	})
}

func TestFlatten(t *testing.T) {
	x := ramp(2, 3, 4)
	runRows(t, []row{
		{name: "default", op: "Flatten", in: ins(x), want: ins(ramp(2, 12))},
		{name: "axis 0", op: "Flatten", attrs: attrs(at("axis", 0)), in: ins(x), want: ins(ramp(1, 24))},
		{name: "axis -1", op: "Flatten", attrs: attrs(at("axis", -1)), in: ins(x), want: ins(ramp(6, 4))},
		{name: "axis = rank", op: "Flatten", opset: 9, attrs: attrs(at("axis", 3)), in: ins(x), want: ins(ramp(24, 1))},
		{name: "scalar", op: "Flatten", attrs: attrs(at("axis", 0)), in: ins(ramp()), want: ins(ramp(1, 1))},
		{name: "empty", op: "Flatten", in: ins(ramp(0, 3)), want: ins(ramp(0, 3))},
		{name: "range", op: "Flatten", attrs: attrs(at("axis", 4)), in: ins(x), err: "axis 4 outside"},
	})
}

func TestUnsqueeze(t *testing.T) {
	x := ramp(2, 3)
	runRows(t, []row{
		{name: "two", op: "Unsqueeze", in: ins(x, i64([]int64{0, -1}, 2)), want: ins(ramp(1, 2, 3, 1))},
		{name: "attribute", op: "Unsqueeze", opset: 11, attrs: attrs(at("axes", []int{1})), in: ins(x), want: ins(ramp(2, 1, 3))},
		{name: "scalar", op: "Unsqueeze", in: ins(ramp(), i64([]int64{0}, 1)), want: ins(ramp(1))},
		{name: "twice", op: "Unsqueeze", in: ins(x, i64([]int64{0, 0}, 2)), err: "named twice"},
		{name: "range", op: "Unsqueeze", in: ins(x, i64([]int64{3}, 1)), err: "axis 3 outside"},
	})
}

func TestSqueeze(t *testing.T) {
	x := ramp(1, 2, 1, 3)
	runRows(t, []row{
		{name: "all", op: "Squeeze", in: ins(x), want: ins(ramp(2, 3))},
		{name: "one", op: "Squeeze", in: ins(x, i64([]int64{-2}, 1)), want: ins(ramp(1, 2, 3))},
		{name: "attribute", op: "Squeeze", opset: 7, attrs: attrs(at("axes", []int{0, 2})), in: ins(x), want: ins(ramp(2, 3))},
		{name: "opset 11 all", op: "Squeeze", opset: 11, in: ins(x), want: ins(ramp(2, 3))},
		{name: "not 1", op: "Squeeze", in: ins(x, i64([]int64{1}, 1)), err: "only size 1"},
	})
}

func TestExpand(t *testing.T) {
	x := f32([]float32{1, 2, 3}, 3, 1)
	runRows(t, []row{
		{name: "both ways", op: "Expand", in: ins(x, i64([]int64{2, 1, 2}, 3)), want: ins(f32([]float32{1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3}, 2, 3, 2))},
		{name: "shape is shorter", op: "Expand", in: ins(x, i64([]int64{1}, 1)), want: ins(x)},
		{name: "to nothing", op: "Expand", opset: 8, in: ins(x, i64([]int64{3, 0}, 2)), want: ins(ramp(3, 0))},
		{name: "scalar", op: "Expand", in: ins(ramp(), i64([]int64{2}, 1)), want: ins(f32([]float32{0, 0}, 2))},
		{name: "strings", op: "Expand", in: ins(tensor.Vector("a"), i64([]int64{2}, 1)), want: ins(tensor.Vector("a", "a"))},
		{name: "complex", op: "Expand", in: ins(tensor.Vector[complex128](1i), i64([]int64{2}, 1)), want: ins(tensor.Vector[complex128](1i, 1i))},
		{name: "mismatch", op: "Expand", in: ins(x, i64([]int64{2, 2}, 2)), err: "does not broadcast"},
		{name: "negative", op: "Expand", in: ins(x, i64([]int64{-1}, 1)), err: "size -1"},
	})
}

func TestTranspose(t *testing.T) {
	runRows(t, []row{
		{name: "reversed", op: "Transpose", in: ins(ramp(2, 3)), want: ins(f32([]float32{0, 3, 1, 4, 2, 5}, 3, 2))},
		{name: "perm", op: "Transpose", attrs: attrs(at("perm", []int{1, 0, 2})), in: ins(ramp(2, 2, 2)), want: ins(f32([]float32{0, 1, 4, 5, 2, 3, 6, 7}, 2, 2, 2))},
		{name: "batch", op: "Transpose", opset: 7, attrs: attrs(at("perm", []int{0, 2, 1})), in: ins(ramp(2, 2, 2)), want: ins(f32([]float32{0, 2, 1, 3, 4, 6, 5, 7}, 2, 2, 2))},
		{name: "scalar", op: "Transpose", in: ins(ramp()), want: ins(ramp())},
		{name: "empty", op: "Transpose", in: ins(ramp(2, 0)), want: ins(ramp(0, 2))},
		{name: "bytes", op: "Transpose", in: ins(tensor.Must([]uint8{1, 2, 3, 4}, 2, 2)), want: ins(tensor.Must([]uint8{1, 3, 2, 4}, 2, 2))},
		{name: "halves", op: "Transpose", in: ins(tensor.Must([]tensor.Half{1, 2, 3, 4}, 2, 2)), want: ins(tensor.Must([]tensor.Half{1, 3, 2, 4}, 2, 2))},
		{name: "rank", op: "Transpose", attrs: attrs(at("perm", []int{0})), in: ins(ramp(2, 2)), err: "perm"},
		{name: "twice", op: "Transpose", attrs: attrs(at("perm", []int{0, 0})), in: ins(ramp(2, 2)), err: "named twice"},
	})
}

func TestConcat(t *testing.T) {
	axis := func(a int) []ir.Attr { return attrs(at("axis", a)) }
	runRows(t, []row{
		{name: "last axis", op: "Concat", attrs: axis(-1), in: ins(ramp(2, 2), ramp(2, 1)), want: ins(f32([]float32{0, 1, 0, 2, 3, 1}, 2, 3))},
		{name: "first axis", op: "Concat", attrs: axis(0), in: ins(ramp(2), ramp(0), ramp(1)), want: ins(f32([]float32{0, 1, 0}, 3))},
		{name: "one", op: "Concat", opset: 7, attrs: axis(0), in: ins(ramp(2)), want: ins(ramp(2))},
		{name: "strings", op: "Concat", attrs: axis(0), in: ins(tensor.Vector("a"), tensor.Vector("b", "c")), want: ins(tensor.Vector("a", "b", "c"))},
		{name: "shapes", op: "Concat", attrs: axis(0), in: ins(ramp(2, 2), ramp(2, 1)), err: "axis 1 differs"},
		{name: "types", op: "Concat", attrs: axis(0), in: ins(ramp(2), i64([]int64{1}, 1)), err: "others of the same type"},
		{name: "scalar", op: "Concat", attrs: axis(0), in: ins(ramp()), err: "axis 0 outside"},
	})
}

func TestSplit(t *testing.T) {
	runRows(t, []row{
		{name: "sizes", op: "Split", nout: 2, in: ins(ramp(3), i64([]int64{1, 2}, 2)), want: ins(f32([]float32{0}, 1), f32([]float32{1, 2}, 2))},
		{name: "uneven", op: "Split", nout: 2, attrs: attrs(at("num_outputs", 2)), in: ins(ramp(3)), want: ins(f32([]float32{0, 1}, 2), f32([]float32{2}, 1))},
		{name: "axis 1", op: "Split", nout: 2, attrs: attrs(at("axis", -1), at("num_outputs", 2)), in: ins(ramp(2, 2)), want: ins(f32([]float32{0, 2}, 2, 1), f32([]float32{1, 3}, 2, 1))},
		{name: "attribute", op: "Split", opset: 7, nout: 2, attrs: attrs(at("split", []int{1, 2})), in: ins(ramp(3)), want: ins(f32([]float32{0}, 1), f32([]float32{1, 2}, 2))},
		{name: "equal parts", op: "Split", opset: 13, nout: 2, in: ins(ramp(4)), want: ins(f32([]float32{0, 1}, 2), f32([]float32{2, 3}, 2))},
		{name: "unequal before opset 18", op: "Split", opset: 13, nout: 2, in: ins(ramp(3)), err: "equal parts"},
		{name: "empty part", op: "Split", nout: 2, in: ins(ramp(3), i64([]int64{0, 3}, 2)), want: ins(ramp(0), ramp(3))},
		{name: "sum", op: "Split", nout: 2, in: ins(ramp(3), i64([]int64{1, 1}, 2)), err: "adds up to 2"},
		{name: "count", op: "Split", nout: 2, in: ins(ramp(3), i64([]int64{3}, 1)), err: "2 outputs"},
	})
}

func TestConstant(t *testing.T) {
	runRows(t, []row{
		{name: "tensor", op: "Constant", attrs: attrs(at("value", ramp(2))), want: ins(ramp(2))},
		{name: "sparse, held dense", op: "Constant", attrs: attrs(at("sparse_value", ramp(2))), want: ins(ramp(2))},
		{name: "float", op: "Constant", attrs: attrs(at("value_float", 1.5)), want: ins(tensor.Scalar[float32](1.5))},
		{name: "floats", op: "Constant", attrs: attrs(at("value_floats", []float32{1, 2})), want: ins(tensor.Vector[float32](1, 2))},
		{name: "int", op: "Constant", attrs: attrs(at("value_int", 3)), want: ins(tensor.Scalar[int64](3))},
		{name: "ints", op: "Constant", opset: 12, attrs: attrs(at("value_ints", []int{3, 4})), want: ins(tensor.Vector[int64](3, 4))},
		{name: "string", op: "Constant", attrs: attrs(at("value_string", "a")), want: ins(tensor.Scalar("a"))},
		{name: "strings", op: "Constant", attrs: attrs(at("value_strings", []string{"a", "b"})), want: ins(tensor.Vector("a", "b"))},
		{name: "none", op: "Constant", err: "0 attributes"},
		{name: "two", op: "Constant", attrs: attrs(at("value_int", 3), at("value_float", 1.5)), err: "2 attributes"},
		{name: "bfloat16 before opset 13", op: "Constant", opset: 12, attrs: attrs(at("value", tensor.Vector[tensor.BHalf](1))), err: "does not give"},
		{name: "opset 7", op: "Constant", opset: 7, attrs: attrs(at("value_int", 3)), err: "attribute value_int"},
	})
}

func TestConstantOfShape(t *testing.T) {
	runRows(t, []row{
		{name: "default", op: "ConstantOfShape", in: ins(i64([]int64{2, 1}, 2)), want: ins(f32([]float32{0, 0}, 2, 1))},
		{name: "value", op: "ConstantOfShape", opset: 9, attrs: attrs(at("value", tensor.Vector[int32](7))), in: ins(i64([]int64{2}, 1)), want: ins(i32([]int32{7, 7}, 2))},
		{name: "scalar", op: "ConstantOfShape", attrs: attrs(at("value", tensor.Vector(true))), in: ins(i64([]int64{}, 0)), want: ins(tensor.Scalar(true))},
		{name: "empty", op: "ConstantOfShape", in: ins(i64([]int64{0}, 1)), want: ins(ramp(0))},
		{name: "two values", op: "ConstantOfShape", attrs: attrs(at("value", ramp(2))), in: ins(i64([]int64{1}, 1)), err: "expected one element"},
		{name: "negative", op: "ConstantOfShape", in: ins(i64([]int64{-1}, 1)), err: "size -1"},
		{name: "string", op: "ConstantOfShape", attrs: attrs(at("value", tensor.Vector("a"))), in: ins(i64([]int64{1}, 1)), err: "does not give"},
	})
}
