package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestClass(t *testing.T) {
	want := func(v ...bool) []tensor.Any { return ins(bools(v, len(v))) }
	x := f32([]float32{nan32, inf32, -inf32, 1}, 4)
	half := tensor.Vector[tensor.Half](0x7e00, 0x7c00, 0xfc00, 0x3c00, 0xfc01)
	runRows(t, []row{
		{name: "f32", op: "IsNaN", opset: 9, in: ins(x), want: want(true, false, false, false)},
		{name: "half", op: "IsNaN", in: ins(half), want: want(true, false, false, false, true)},
		{name: "bfloat16", op: "IsNaN", in: ins(tensor.Vector[tensor.BHalf](0x7fc0, 0x7f80, 0xffff)), want: want(true, false, true)},
		{name: "e4m3fn", op: "IsNaN", in: ins(tensor.Vector[tensor.F8E4M3FN](0x7f, 0xff, 0x7e, 0x80)), want: want(true, true, false, false)},
		{name: "e5m2", op: "IsNaN", in: ins(tensor.Vector[tensor.F8E5M2](0x7f, 0xfd, 0x7c, 0x80)), want: want(true, true, false, false)},
		{name: "e5m2fnuz", op: "IsNaN", in: ins(tensor.Vector[tensor.F8E5M2FNUZ](0x80, 0x7f, 0xff)), want: want(true, false, false)},
		{name: "f32", op: "IsInf", in: ins(x), want: want(false, true, true, false)},
		{name: "positive", op: "IsInf", attrs: attrs(at("detect_negative", 0)), opset: 10, in: ins(x), want: want(false, true, false, false)},
		{name: "negative half", op: "IsInf", attrs: attrs(at("detect_positive", 0)), in: ins(half), want: want(false, false, true, false, false)},
		{name: "half", op: "IsInf", in: ins(half), want: want(false, true, true, false, false)},
		{name: "neither", op: "IsInf", attrs: attrs(at("detect_positive", 0), at("detect_negative", 0)), in: ins(half), want: want(false, false, false, false, false)},
		{name: "half before 20", op: "IsInf", opset: 10, in: ins(half), err: "does not take"},
		{name: "e4m3fn", op: "IsInf", in: ins(tensor.Vector[tensor.F8E4M3FN](0x7f, 0x7e)), want: want(false, false)},
		{name: "e5m2", op: "IsInf", in: ins(tensor.Vector[tensor.F8E5M2](0x7c, 0xfc, 0x7d)), want: want(true, true, false)},
	})
}

func TestMod(t *testing.T) {
	fm := attrs(at("fmod", 1))
	a, b := f32([]float32{-4.3, 7.2, 5, 4.3, -7.2, 8}, 6), f32([]float32{2.1, -3.4, 8, -2.1, 3.4, 5}, 6)
	zero := float32(math.Copysign(0, -1))
	runRows(t, []row{
		{name: "floor", op: "Mod", in: ins(a, b), want: ins(f32([]float32{2, -3, 5, -2, 3, 3}, 6)), tol: 1e-6},
		{name: "fmod", op: "Mod", attrs: fm, opset: 13, in: ins(a, b), want: ins(f32([]float32{-.1, .4, 5, .1, -.4, 3}, 6)), tol: 1e-6},
		{name: "ends", op: "Mod", in: ins(f32([]float32{0, inf32, 1, 1, -1, nan32}, 6), f32([]float32{-1, 2, 0, inf32, inf32, 1}, 6)), want: ins(f32([]float32{zero, nan32, nan32, 1, inf32, nan32}, 6)), nograd: true},
		{name: "ints", op: "Mod", in: ins(i64([]int64{-4, 7, 5, 4, -7, 8, math.MinInt64}, 7), i64([]int64{2, -3, 8, -2, 3, 5, -1}, 7)), want: ins(i64([]int64{0, -2, 5, 0, 2, 3, 0}, 7))},
		{name: "int fmod", op: "Mod", attrs: fm, opset: 10, in: ins(i64([]int64{-4, 7, 5, 4, -7, 8}, 6), i64([]int64{2, -3, 8, -2, 3, 5}, 6)), want: ins(i64([]int64{0, 1, 5, 0, -1, 3}, 6))},
		{name: "by zero", op: "Mod", in: ins(tensor.Vector[uint8](1), tensor.Vector[uint8](0)), err: "division by zero"},
		{name: "float before 28", op: "Mod", opset: 13, in: ins(a, b), err: "fmod is 0"},
		{name: "fmod 2", op: "Mod", attrs: attrs(at("fmod", 2)), in: ins(a, b), err: "fmod is 2"},
	})
}

func TestBits(t *testing.T) {
	left, right := attrs(at("direction", "LEFT")), attrs(at("direction", "RIGHT"))
	x, y := tensor.Vector[int8](-4, 64, 7, -128), tensor.Vector[int8](1, 2, -1, 8)
	runRows(t, []row{
		{name: "i8", op: "BitwiseAnd", in: ins(x, y), want: ins(tensor.Vector[int8](0, 0, 7, 0))},
		{name: "i8", op: "BitwiseOr", in: ins(x, y), want: ins(tensor.Vector[int8](-3, 66, -1, -120))},
		{name: "u16", op: "BitwiseXor", in: ins(tensor.Vector[uint16](0xff00, 1), tensor.Vector[uint16](0x0ff0)), want: ins(tensor.Vector[uint16](0xf0f0, 0x0ff1))},
		{name: "i8", op: "BitwiseNot", in: ins(x), want: ins(tensor.Vector[int8](3, -65, -8, 127))},
		{name: "left", op: "BitShift", attrs: left, in: ins(x, y), want: ins(tensor.Vector[int8](-8, 0, 0, 0))},
		{name: "right", op: "BitShift", attrs: right, in: ins(x, y), want: ins(tensor.Vector[int8](-2, 16, 0, -1))},
		{name: "u8", op: "BitShift", attrs: right, opset: 11, in: ins(tensor.Vector[uint8](16, 4, 1), tensor.Vector[uint8](1, 2, 9)), want: ins(tensor.Vector[uint8](8, 1, 0))},
		{name: "signed before 28", op: "BitShift", attrs: right, opset: 11, in: ins(x, y), err: "does not take"},
		{name: "no direction", op: "BitShift", in: ins(x, y), err: "direction is missing"},
		{name: "direction", op: "BitShift", attrs: attrs(at("direction", "UP")), in: ins(x, y), err: "LEFT or RIGHT"},
	})
}

func TestCumSum(t *testing.T) {
	x := f32([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	ex, rev := at("exclusive", 1), at("reverse", 1)
	ax := func(a int64) tensor.Any { return tensor.Scalar(a) }
	runRows(t, []row{
		{name: "rows", op: "CumSum", in: ins(x, ax(1)), want: ins(f32([]float32{1, 3, 6, 4, 9, 15}, 2, 3))},
		{name: "columns", op: "CumSum", opset: 11, in: ins(x, i32([]int32{-2}, 1)), want: ins(f32([]float32{1, 2, 3, 5, 7, 9}, 2, 3))},
		{name: "exclusive", op: "CumSum", attrs: attrs(ex), in: ins(x, ax(1)), want: ins(f32([]float32{0, 1, 3, 0, 4, 9}, 2, 3))},
		{name: "reverse", op: "CumSum", attrs: attrs(rev), in: ins(x, ax(-1)), want: ins(f32([]float32{6, 5, 3, 15, 11, 6}, 2, 3))},
		{name: "both", op: "CumSum", attrs: attrs(ex, rev), in: ins(x, ax(1)), want: ins(f32([]float32{5, 3, 0, 11, 6, 0}, 2, 3))},
		{name: "u32", op: "CumSum", in: ins(tensor.Vector[uint32](1, math.MaxUint32), ax(0)), want: ins(tensor.Vector[uint32](1, 0))},
		{name: "empty", op: "CumSum", in: ins(f32(nil, 0, 3), ax(0)), want: ins(f32(nil, 0, 3))},
		{name: "axis", op: "CumSum", in: ins(x, ax(2)), err: "axis 2"},
		{name: "axis overflow", op: "CumSum", in: ins(x, ax(math.MinInt64)), err: "axis"},
		{name: "axes", op: "CumSum", in: ins(x, i64([]int64{0, 1}, 2)), err: "expected a scalar"},
		{name: "scalar", op: "CumSum", in: ins(tensor.Scalar[float32](1), ax(0)), err: "axis 0"},
	})
}
