package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestCast(t *testing.T) {
	to := func(d tensor.DType, more ...ir.Attr) []ir.Attr { return append(attrs(at("to", d)), more...) }
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	runRows(t, []row{
		{name: "f32 f64", op: "Cast", attrs: to(tensor.Float64), in: ins(f32([]float32{1.5, -2}, 2)), want: ins(f64([]float64{1.5, -2}, 2))},
		{name: "f64 f32", op: "Cast", opset: 7, attrs: to(tensor.Float32), in: ins(f64([]float64{1e300, .1}, 2)), want: ins(f32([]float32{inf, .1}, 2))},
		{name: "truncates", op: "Cast", attrs: to(tensor.Int32), in: ins(f32([]float32{-1.9, 1.9}, 2)), want: ins(i32([]int32{-1, 1}, 2))},
		{name: "out of range", op: "Cast", attrs: to(tensor.Int32), in: ins(f32([]float32{3e9, nan, -inf}, 3)), want: ins(i32([]int32{math.MinInt32, math.MinInt32, math.MinInt32}, 3))},
		{name: "out of range of uint8", op: "Cast", attrs: to(tensor.Uint8), in: ins(f32([]float32{256, -1, 3e9}, 3)), want: ins(tensor.Vector[uint8](0, 255, 0))},
		{name: "f64 u64", op: "Cast", attrs: to(tensor.Uint64), in: ins(f64([]float64{0x1p63, 3}, 2)), want: ins(tensor.Vector[uint64](1<<63, 3))},
		{name: "wraps", op: "Cast", attrs: to(tensor.Int8), in: ins(i64([]int64{130, -129}, 2)), want: ins(tensor.Vector[int8](-126, 127))},
		{name: "u64 f32", op: "Cast", attrs: to(tensor.Float32), in: ins(tensor.Vector[uint64](math.MaxUint64)), want: ins(f32([]float32{0x1p64}, 1))},
		{name: "bool", op: "Cast", attrs: to(tensor.Bool), in: ins(f32([]float32{0, .1, nan}, 3)), want: ins(tensor.Vector(false, true, true))},
		{name: "from bool", op: "Cast", attrs: to(tensor.Int16), in: ins(tensor.Vector(false, true)), want: ins(tensor.Vector[int16](0, 1))},
		{name: "int32 wraps", op: "Cast", attrs: to(tensor.Int32), in: ins(i64([]int64{1 << 40, 1<<32 + 1}, 2)), want: ins(i32([]int32{0, 1}, 2))},
		{name: "int4", op: "Cast", attrs: to(tensor.Int4), in: ins(i32([]int32{7, 8, -9, 16}, 4)), want: ins(tensor.Vector[tensor.I4](7, -8, 7, 0))},
		{name: "from int4", op: "Cast", attrs: to(tensor.Int8), in: ins(tensor.Vector[tensor.I4](-8, -7, 0, 7)), want: ins(tensor.Vector[int8](-8, -7, 0, 7))},
		{name: "uint2", op: "Cast", attrs: to(tensor.Uint2), in: ins(i32([]int32{-1, 4}, 2)), want: ins(tensor.Vector[tensor.U2](3, 0))},
		{name: "half rounds once", op: "Cast", attrs: to(tensor.Float16), in: ins(f64([]float64{1 + 0x1p-11 + 0x1p-40}, 1)), want: ins(tensor.Vector[tensor.Half](0x3c01))},
		{name: "int64 bfloat16 rounds once", op: "Cast", attrs: to(tensor.BFloat16), in: ins(i64([]int64{1<<62 + 1<<54 + 1}, 1)), want: ins(tensor.Vector(tensor.ToBHalf(0x1p62 * (1 + 0x1p-7))))},
		{name: "saturates", op: "Cast", attrs: to(tensor.Float8E4M3FN), in: ins(f32([]float32{1000, inf, 1}, 3)), want: ins(tensor.Vector[tensor.F8E4M3FN](0x7e, 0x7e, 0x38))},
		{name: "does not saturate", op: "Cast", attrs: to(tensor.Float8E4M3FN, at("saturate", 0)), in: ins(f32([]float32{1000, inf, 1}, 3)), want: ins(tensor.Vector[tensor.F8E4M3FN](0x7f, 0x7f, 0x38))},
		{name: "e8m0 up", op: "Cast", attrs: to(tensor.Float8E8M0), in: ins(f32([]float32{1.5}, 1)), want: ins(tensor.Vector[tensor.F8E8M0](128))},
		{name: "e8m0 down", op: "Cast", attrs: to(tensor.Float8E8M0, at("round_mode", "down")), in: ins(f32([]float32{1.5}, 1)), want: ins(tensor.Vector[tensor.F8E8M0](127))},
		{name: "round_mode", op: "Cast", attrs: to(tensor.Float8E8M0, at("round_mode", "odd")), in: ins(f32([]float32{1.5}, 1)), err: "round_mode"},
		{name: "to strings", op: "Cast", attrs: to(tensor.String), in: ins(f32([]float32{.9, 1, nan, inf, -inf, 1e20}, 6)), want: ins(tensor.Vector("0.89999998", "1", "NaN", "INF", "-INF", "1e+20"))},
		{name: "ints to strings", op: "Cast", attrs: to(tensor.String), in: ins(tensor.Vector[uint64](math.MaxUint64)), want: ins(tensor.Vector("18446744073709551615"))},
		{name: "bools to strings", op: "Cast", attrs: to(tensor.String), in: ins(tensor.Vector(true, false)), want: ins(tensor.Vector("1", "0"))},
		{name: "strings to floats", op: "Cast", attrs: to(tensor.Float32), in: ins(tensor.Vector("3.14", " 1e-5", "-inf", "NaN", "1e999")), want: ins(f32([]float32{3.14, 1e-5, -inf, nan, inf}, 5))},
		{name: "strings to ints", op: "Cast", attrs: to(tensor.Int8), in: ins(tensor.Vector("-128", "100.5", "+7")), want: ins(tensor.Vector[int8](-128, 100, 7))},
		{name: "strings to uint64", op: "Cast", attrs: to(tensor.Uint64), in: ins(tensor.Vector("18446744073709551615")), want: ins(tensor.Vector[uint64](math.MaxUint64))},
		{name: "no number", op: "Cast", attrs: to(tensor.Float32), in: ins(tensor.Vector("1", "one")), err: `element 1: "one" is not a number`},
		{name: "string out of range", op: "Cast", attrs: to(tensor.Int8), in: ins(tensor.Vector("128")), err: "out of the range of i8"},
		{name: "strings to bools", op: "Cast", attrs: to(tensor.Bool), in: ins(tensor.Vector("1")), err: "which strings are true"},
		{name: "strings at opset 7", op: "Cast", opset: 7, attrs: to(tensor.Float32), in: ins(tensor.Vector("1")), err: "does not take"},
		{name: "to complex", op: "Cast", attrs: to(tensor.Complex64), in: ins(ramp(1)), err: "does not give"},
		{name: "to nothing", op: "Cast", attrs: attrs(at("to", 77)), in: ins(ramp(1)), err: "no element type"},
		{name: "empty", op: "Cast", attrs: to(tensor.Int16), in: ins(ramp(0, 2)), want: ins(tensor.Zeros[int16](0, 2))},
	})
}

// TestCastMatrix casts 0, 1 and 2 (the numbers that all types but float8e8m0 share) between all types.
func TestCastMatrix(t *testing.T) {
	for _, from := range opCast.TypesOf("T1") {
		for _, to := range opCast.TypesOf("T2") {
			if from == tensor.Int2 || to == tensor.Int2 || from == tensor.String && to == tensor.Bool {
				continue
			}
			x := castTo(t, i64([]int64{0, 1}, 2), from)
			got := tensor.Data[float64](castTo(t, castTo(t, x, to), tensor.Float64))
			tiny := from == tensor.Float8E8M0 || to == tensor.Float8E8M0 // 0 becomes 2^-127
			if len(got) != 2 || got[1] != 1 || !(got[0] == 0 || tiny && got[0] <= 1) {
				t.Errorf("%v to %v: %v", from, to, got)
			}
		}
	}
}

func castTo(t *testing.T, x tensor.Any, to tensor.DType) tensor.Any {
	t.Helper()
	n := &ir.Node{Name: "c", Op: "Cast", Attrs: attrs(at("to", to)), In: []*ir.Value{{}}, Out: []*ir.Value{{}}}
	out, err := Set().Eval(n, []tensor.Any{x})
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}
