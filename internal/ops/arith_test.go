package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

var (
	inf32 = float32(math.Inf(1))
	nan32 = float32(math.NaN())
)

func bools(data []bool, shape ...int) tensor.Any { return tensor.Must(data, shape...) }

func TestArith(t *testing.T) {
	a := f32([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	row3 := f32([]float32{2, 4, -5}, 3)
	runRows(t, []row{
		{name: "rows", op: "Sub", in: ins(a, row3), want: ins(f32([]float32{-1, -2, 8, 2, 1, 11}, 2, 3))},
		{name: "column", op: "Sub", in: ins(f32([]float32{1, 2}, 2, 1), row3), want: ins(f32([]float32{-1, -3, 6, 0, -2, 7}, 2, 3))},
		{name: "wrap", op: "Sub", in: ins(tensor.Vector[int8](-128), tensor.Vector[int8](1)), want: ins(tensor.Vector[int8](127))},
		{name: "v7", op: "Sub", opset: 7, in: ins(tensor.Vector[int8](1), tensor.Vector[int8](1)), err: "does not take"},
		{name: "rows", op: "Mul", in: ins(a, row3), want: ins(f32([]float32{2, 8, -15, 8, 20, -30}, 2, 3))},
		{name: "scalars", op: "Mul", in: ins(tensor.Scalar[float32](3), tensor.Scalar[float32](-2)), want: ins(tensor.Scalar[float32](-6))},
		{name: "empty", op: "Mul", in: ins(f32(nil, 0, 3), row3), want: ins(f32(nil, 0, 3))},
		{name: "empty ints", op: "Mul", in: ins(i64(nil, 0), i64([]int64{2}, 1)), want: ins(i64(nil, 0))},
		{name: "mismatch", op: "Mul", in: ins(a, f32([]float32{1, 2}, 2)), err: "does not broadcast"},
		{name: "rows", op: "Div", in: ins(a, row3), want: ins(f32([]float32{.5, .5, -.6, 2, 1.25, -1.2}, 2, 3))},
		{name: "by zero", op: "Div", in: ins(f32([]float32{1, -1, 0}, 3), f32([]float32{0, 0, 0}, 3)), want: ins(f32([]float32{inf32, -inf32, nan32}, 3)), nograd: true},
		{name: "cut", op: "Div", in: ins(i64([]int64{7, -7, math.MinInt64}, 3), i64([]int64{2, 2, -1}, 3)), want: ins(i64([]int64{3, -3, math.MinInt64}, 3))},
		{name: "int by zero", op: "Div", in: ins(i64([]int64{7, 1}, 2), i64([]int64{2, 0}, 2)), err: "integer division by zero: element 1"},
		{name: "empty by zero", op: "Div", in: ins(i64(nil, 0), i64([]int64{0}, 1)), want: ins(i64(nil, 0))},
	})
}

func TestUnary(t *testing.T) {
	x := f32([]float32{-2.5, -.75, .5, 3}, 4)
	pos := f32([]float32{.25, 1, 4}, 3)
	runRows(t, []row{
		{name: "f32", op: "Neg", in: ins(x), want: ins(f32([]float32{2.5, .75, -.5, -3}, 4))},
		{name: "i8", op: "Neg", opset: 6, in: ins(tensor.Vector[int8](-128, 5)), want: ins(tensor.Vector[int8](-128, -5))},
		{name: "f32", op: "Abs", in: ins(x), want: ins(f32([]float32{2.5, .75, .5, 3}, 4))},
		{name: "u8", op: "Abs", in: ins(tensor.Vector[uint8](200)), want: ins(tensor.Vector[uint8](200))},
		{name: "i32", op: "Abs", opset: 7, in: ins(i32([]int32{-3, 3}, 2)), want: ins(i32([]int32{3, 3}, 2))},
		{name: "f32", op: "Sign", in: ins(f32([]float32{-2, 0, 7, nan32}, 4)), want: ins(f32([]float32{-1, 0, 1, nan32}, 4))},
		{name: "i16", op: "Sign", opset: 9, in: ins(tensor.Vector[int16](-2, 0, 7)), want: ins(tensor.Vector[int16](-1, 0, 1))},
		{name: "u64", op: "Sign", in: ins(tensor.Vector[uint64](0, math.MaxUint64)), want: ins(tensor.Vector[uint64](0, 1))},
		{name: "f32", op: "Sqrt", in: ins(pos), want: ins(f32([]float32{.5, 1, 2}, 3))},
		{name: "negative", op: "Sqrt", in: ins(f32([]float32{-1}, 1)), want: ins(f32([]float32{nan32}, 1)), nograd: true},
		{name: "f32", op: "Exp", in: ins(x), want: ins(f32([]float32{.082085, .47236655, 1.6487213, 20.085537}, 4))},
		{name: "ends", op: "Exp", opset: 7, in: ins(f32([]float32{-inf32, inf32, 1000}, 3)), want: ins(f32([]float32{0, inf32, inf32}, 3)), nograd: true},
		{name: "f32", op: "Log", in: ins(pos), want: ins(f32([]float32{-1.3862944, 0, 1.3862944}, 3))},
		{name: "ends", op: "Log", in: ins(f32([]float32{0, -1, inf32}, 3)), want: ins(f32([]float32{-inf32, nan32, inf32}, 3)), nograd: true},
		{name: "f32", op: "Sigmoid", in: ins(x), want: ins(f32([]float32{.07585818, .32082132, .62245935, .95257413}, 4))},
		{name: "ends", op: "Sigmoid", in: ins(f32([]float32{-inf32, inf32, nan32}, 3)), want: ins(f32([]float32{0, 1, nan32}, 3)), nograd: true},
		{name: "f32", op: "Tanh", in: ins(x), want: ins(f32([]float32{-.9866143, -.635149, .46211717, .9950548}, 4))},
		{name: "scalar", op: "Tanh", opset: 7, in: ins(tensor.Scalar[float32](0)), want: ins(tensor.Scalar[float32](0))},
		{name: "empty", op: "Tanh", in: ins(f32(nil, 2, 0)), want: ins(f32(nil, 2, 0))},
		{name: "int", op: "Tanh", in: ins(i32([]int32{1}, 1)), err: "does not take"},
	})
}

func TestCompare(t *testing.T) {
	a, b := f32([]float32{1, 2, nan32}, 3), f32([]float32{2, 2, 2}, 3)
	want := func(v ...bool) []tensor.Any { return ins(bools(v, len(v))) }
	runRows(t, []row{
		{name: "f32", op: "Less", in: ins(a, b), want: want(true, false, false)},
		{name: "f32", op: "LessOrEqual", in: ins(a, b), want: want(true, true, false)},
		{name: "f32", op: "Greater", in: ins(a, b), want: want(false, false, false)},
		{name: "scalar", op: "Greater", in: ins(f32([]float32{3, 1}, 2), tensor.Scalar[float32](2)), want: want(true, false)},
		{name: "f32", op: "GreaterOrEqual", opset: 12, in: ins(a, b), want: want(false, true, false)},
		{name: "f32", op: "Equal", in: ins(a, b), want: want(false, true, false)},
		{name: "nan", op: "Equal", in: ins(a, a), want: want(true, true, false)},
		{name: "string", op: "Equal", in: ins(tensor.Vector("a", "b"), tensor.Vector("a")), want: want(true, false)},
		{name: "bool", op: "Equal", opset: 7, in: ins(tensor.Vector(true, false), tensor.Vector(true, true)), want: want(true, false)},
		{name: "string before 19", op: "Equal", opset: 13, in: ins(tensor.Vector("a"), tensor.Vector("a")), err: "does not take"},
		{name: "u64", op: "Less", in: ins(tensor.Vector[uint64](1), tensor.Vector[uint64](math.MaxUint64)), want: want(true)},
		{name: "int before 9", op: "Less", opset: 8, in: ins(i32([]int32{1}, 1), i32([]int32{1}, 1)), err: "does not take"},
	})
}

func TestMinMaxClip(t *testing.T) {
	a, b, c := f32([]float32{1, 5, -3}, 3), f32([]float32{2, 4, -1}, 3), f32([]float32{0}, 1)
	runRows(t, []row{
		{name: "two", op: "Max", in: ins(a, b), want: ins(f32([]float32{2, 5, -1}, 3))},
		{name: "three", op: "Max", in: ins(a, b, c), want: ins(f32([]float32{2, 5, 0}, 3))},
		{name: "one", op: "Max", in: ins(a), want: ins(a)},
		{name: "nan", op: "Max", in: ins(f32([]float32{nan32, 1}, 2), f32([]float32{1, nan32}, 2)), want: ins(f32([]float32{nan32, nan32}, 2)), nograd: true},
		{name: "nan", op: "Min", in: ins(f32([]float32{nan32, 1}, 2), f32([]float32{1, nan32}, 2)), want: ins(f32([]float32{nan32, nan32}, 2)), nograd: true},
		{name: "spread", op: "Min", in: ins(c, f32([]float32{-1, 1}, 2, 1), a), want: ins(f32([]float32{-1, -1, -3, 0, 0, -3}, 2, 3))},
		{name: "i64", op: "Min", opset: 12, in: ins(i64([]int64{3, 4}, 2), i64([]int64{4, 3}, 2)), want: ins(i64([]int64{3, 3}, 2))},
		{name: "none", op: "Min", err: "is missing"},
		{name: "v6", op: "Min", opset: 7, in: ins(a, b), want: ins(f32([]float32{1, 4, -3}, 3))},
		{name: "v6 spread", op: "Min", opset: 7, in: ins(a, c), err: "does not broadcast"},
		{name: "both", op: "Clip", in: ins(a, tensor.Scalar[float32](-1.5), tensor.Scalar[float32](2.5)), want: ins(f32([]float32{1, 2.5, -1.5}, 3))},
		{name: "max wins", op: "Clip", in: ins(a, tensor.Scalar[float32](4), tensor.Scalar[float32](2)), want: ins(f32([]float32{2, 2, 2}, 3))},
		{name: "min", op: "Clip", opset: 11, in: ins(a, c), want: ins(f32([]float32{1, 5, 0}, 3))},
		{name: "max", op: "Clip", in: ins(a, nil, c), want: ins(f32([]float32{0, 0, -3}, 3))},
		{name: "nan", op: "Clip", in: ins(f32([]float32{nan32}, 1), c, c), want: ins(f32([]float32{nan32}, 1)), nograd: true},
		{name: "u8", op: "Clip", in: ins(tensor.Vector[uint8](1, 200), nil, tensor.Scalar[uint8](100)), want: ins(tensor.Vector[uint8](1, 100))},
		{name: "vector bound", op: "Clip", in: ins(a, b), err: "expected a scalar"},
		{name: "v6", op: "Clip", opset: 6, in: ins(a), attrs: []ir.Attr{op.Attr("min", -1.), op.Attr("max", 2.)}, want: ins(f32([]float32{1, 2, -1}, 3))},
		{name: "v6 default", op: "Clip", opset: 6, in: ins(f32([]float32{inf32, -1}, 2)), want: ins(f32([]float32{math.MaxFloat32, -1}, 2)), nograd: true},
	})
}

func TestPow(t *testing.T) {
	x := f32([]float32{1.5, 2, 3}, 3)
	runRows(t, []row{
		{name: "vector", op: "Pow", in: ins(x, f32([]float32{2, 3, -1.5}, 3)), want: ins(f32([]float32{2.25, 8, .19245009}, 3))},
		{name: "square", op: "Pow", in: ins(x, tensor.Scalar[float32](2)), want: ins(f32([]float32{2.25, 4, 9}, 3))},
		{name: "int exponent", op: "Pow", in: ins(x, i64([]int64{3}, 1)), want: ins(f32([]float32{3.375, 8, 27}, 3))},
		{name: "half", op: "Pow", in: ins(tensor.Vector(tensor.ToHalf(3)), tensor.Vector(tensor.ToHalf(2))), want: ins(tensor.Vector(tensor.ToHalf(9)))},
		{name: "half exponent", op: "Pow", in: ins(x, tensor.Scalar(tensor.ToHalf(3))), want: ins(f32([]float32{3.375, 8, 27}, 3)), nograd: true},
		{name: "ends", op: "Pow", in: ins(f32([]float32{0, 0, -8, -2}, 4), f32([]float32{0, -1, 1. / 3, 3}, 4)), want: ins(f32([]float32{1, inf32, nan32, -8}, 4)), nograd: true},
		{name: "ints", op: "Pow", in: ins(i64([]int64{2, -3, 0, -1, 5, 3}, 6), i64([]int64{62, 3, 0, -3, -1, 40}, 6)), want: ins(i64([]int64{1 << 62, -27, 1, -1, 0, -6289078614652622815}, 6))},
		{name: "int to float", op: "Pow", opset: 12, in: ins(i32([]int32{2, 9, 10, -2}, 4), f32([]float32{.5, .5, 20, .5}, 4)), want: ins(i32([]int32{1, 3, math.MaxInt32, 0}, 4)), nograd: true},
		{name: "two types before 12", op: "Pow", opset: 7, in: ins(x, i64([]int64{3}, 1)), err: "does not take"},
	})
}

func TestWhere(t *testing.T) {
	c := bools([]bool{true, false, true}, 3)
	x, y := f32([]float32{1, 2, 3}, 3), f32([]float32{4, 5, 6}, 3)
	runRows(t, []row{
		{name: "same", op: "Where", in: ins(c, x, y), want: ins(f32([]float32{1, 5, 3}, 3))},
		{name: "scalar", op: "Where", in: ins(c, x, tensor.Scalar[float32](0)), want: ins(f32([]float32{1, 0, 3}, 3))},
		{name: "column", op: "Where", in: ins(bools([]bool{true, false}, 2, 1), x, y), want: ins(f32([]float32{1, 2, 3, 4, 5, 6}, 2, 3))},
		{name: "outer", op: "Where", in: ins(c, f32([]float32{7, 8}, 2, 1), y), want: ins(f32([]float32{7, 5, 7, 8, 5, 8}, 2, 3))},
		{name: "strings", op: "Where", in: ins(c, tensor.Vector("a", "b", "c"), tensor.Scalar("-")), want: ins(tensor.Vector("a", "-", "c"))},
		{name: "half", op: "Where", opset: 9, in: ins(c, tensor.Vector[tensor.Half](1, 2, 3), tensor.Scalar[tensor.Half](9)), want: ins(tensor.Vector[tensor.Half](1, 9, 3))},
		{name: "empty", op: "Where", in: ins(bools(nil, 0, 3), x, y), want: ins(f32(nil, 0, 3))},
		{name: "types", op: "Where", in: ins(c, x, i64([]int64{1}, 1)), err: "same type"},
	})
}

// TestShapeElems holds the arithmetic on symbolic sizes that exporters leave in graphs.
func TestShapeElems(t *testing.T) {
	batch := ir.Sym("batch")
	g := ir.New("elems")
	b := op.NewBuilder(g, Set())
	shape := g.AddInput("shape", ir.Typed(tensor.Int64, ir.Known(2)))
	shape.Fact.Elems = []ir.Dim{batch, ir.Known(6)}
	eq := b.Op("Equal", shape, b.Ints(-1))
	v := b.Where(eq, b.Ints(1, 1), b.Op("Div", b.Mul(shape, b.Ints(4)), b.Ints(2)))
	v = b.Sub(v, b.Ints(0, 5))
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	want := []ir.Dim{batch.Mul(ir.Known(2)), ir.Known(7)}
	if len(v.Fact.Elems) != 2 || !v.Fact.Elems[0].Same(want[0]) || !v.Fact.Elems[1].Same(want[1]) {
		t.Errorf("elements %v, want %v", ir.Shape(v.Fact.Elems), ir.Shape(want))
	}
}

func TestLogic(t *testing.T) {
	a, b := bools([]bool{true, true, false, false}, 4), bools([]bool{true, false, true, false}, 4)
	want := func(v ...bool) []tensor.Any { return ins(bools(v, len(v))) }
	runRows(t, []row{
		{name: "table", op: "And", in: ins(a, b), want: want(true, false, false, false)},
		{name: "table", op: "Or", in: ins(a, b), want: want(true, true, true, false)},
		{name: "table", op: "Xor", in: ins(a, b), want: want(false, true, true, false)},
		{name: "scalar", op: "Xor", in: ins(a, tensor.Scalar(true)), want: want(false, false, true, true)},
		{name: "table", op: "Not", opset: 7, in: ins(a), want: want(false, false, true, true)},
		{name: "floats", op: "And", in: ins(f32([]float32{1}, 1), f32([]float32{1}, 1)), err: "does not take"},
	})
}
