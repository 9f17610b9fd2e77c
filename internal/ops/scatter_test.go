package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func reduction(r string) []ir.Attr { return attrs(at("reduction", r)) }

func TestGatherElements(t *testing.T) {
	x := f32([]float32{1, 2, 3, 4}, 2, 2)
	runRows(t, []row{
		{name: "axis 1", op: "GatherElements", attrs: attrs(at("axis", 1)), in: ins(x, i64([]int64{0, 0, 1, -2}, 2, 2)), want: ins(f32([]float32{1, 1, 4, 3}, 2, 2))},
		{name: "axis 0, fewer", op: "GatherElements", opset: 11, in: ins(x, i32([]int32{1, 0, 1}, 3, 1)), want: ins(f32([]float32{3, 1, 3}, 3, 1))},
		{name: "rank 3", op: "GatherElements", attrs: attrs(at("axis", 1)), in: ins(ramp(2, 2, 2), i64([]int64{1, 0, 0, 1}, 2, 1, 2)), want: ins(f32([]float32{2, 1, 4, 7}, 2, 1, 2))},
		{name: "empty", op: "GatherElements", in: ins(x, i64([]int64{}, 0, 2)), want: ins(ramp(0, 2))},
		{name: "strings", op: "GatherElements", in: ins(tensor.Vector("a", "b"), i64([]int64{1}, 1)), want: ins(tensor.Vector("b"))},
		{name: "range", op: "GatherElements", in: ins(x, i64([]int64{2, 0}, 1, 2)), err: "index 2 (element 0 of the indices) outside axis 0 of size 2"},
		{name: "rank", op: "GatherElements", in: ins(x, i64([]int64{0}, 1)), err: "ranks differ"},
		{name: "larger", op: "GatherElements", in: ins(x, i64([]int64{0, 0, 0}, 1, 3)), err: "axis 1 is larger"},
	})
}

func TestGatherND(t *testing.T) {
	x := ramp(2, 2)
	runRows(t, []row{
		{name: "elements", op: "GatherND", in: ins(x, i64([]int64{0, 0, -1, 1}, 2, 2)), want: ins(f32([]float32{0, 3}, 2))},
		{name: "slices", op: "GatherND", opset: 11, in: ins(x, i64([]int64{1, 0, 1}, 3, 1)), want: ins(f32([]float32{2, 3, 0, 1, 2, 3}, 3, 2))},
		{name: "batch", op: "GatherND", attrs: attrs(at("batch_dims", 1)), in: ins(ramp(2, 2, 2), i64([]int64{1, 0}, 2, 1)), want: ins(f32([]float32{2, 3, 4, 5}, 2, 2))},
		{name: "batch of tuples", op: "GatherND", attrs: attrs(at("batch_dims", 1)), in: ins(ramp(2, 3), i64([]int64{1, -1, 0, 0}, 2, 2, 1)), want: ins(f32([]float32{1, 2, 3, 3}, 2, 2))},
		{name: "strings", op: "GatherND", in: ins(tensor.Vector("a", "b"), i64([]int64{1}, 1)), want: ins(tensor.Scalar("b"))},
		{name: "range", op: "GatherND", in: ins(x, i64([]int64{2}, 1)), err: "index 2 (coordinate 0 of tuple 0) outside an axis of size 2"},
		{name: "tuple", op: "GatherND", in: ins(x, i64([]int64{0, 0, 0}, 3)), err: "tuples of 3"},
		{name: "batch_dims", op: "GatherND", attrs: attrs(at("batch_dims", 2)), in: ins(x, i64([]int64{0}, 1, 1)), err: "batch_dims is 2"},
	})
}

func TestScatterElements(t *testing.T) {
	x, twice := f32([]float32{1, 2, 3, 4}, 4), i64([]int64{1, 3, 1}, 3)
	u := f32([]float32{10, 20, 30}, 3)
	runRows(t, []row{
		{name: "axis 0", op: "ScatterElements", in: ins(ramp(3, 2), i64([]int64{2, 0}, 1, 2), f32([]float32{-1, -2}, 1, 2)), want: ins(f32([]float32{0, -2, 2, 3, -1, 5}, 3, 2))},
		{name: "axis 1", op: "ScatterElements", opset: 11, attrs: attrs(at("axis", -1)), in: ins(ramp(1, 3), i32([]int32{-1, 0}, 1, 2), f32([]float32{-1, -2}, 1, 2)), want: ins(f32([]float32{-2, 1, -1}, 1, 3))},
		{name: "the last wins", op: "ScatterElements", in: ins(x, twice, u), want: ins(f32([]float32{1, 30, 3, 20}, 4)), nograd: true},
		{name: "add", op: "ScatterElements", attrs: reduction("add"), in: ins(x, twice, u), want: ins(f32([]float32{1, 42, 3, 24}, 4))},
		{name: "mul", op: "ScatterElements", attrs: reduction("mul"), in: ins(x, twice, u), want: ins(f32([]float32{1, 600, 3, 80}, 4))},
		{name: "mul by 0", op: "ScatterElements", attrs: reduction("mul"), in: ins(f32([]float32{0, 2, 0}, 3), i64([]int64{0, 1, 1, 2}, 4), f32([]float32{5, 0, 3, 0}, 4)), want: ins(f32([]float32{0, 0, 0}, 3))},
		{name: "max", op: "ScatterElements", attrs: reduction("max"), in: ins(x, twice, f32([]float32{1, 20, 3}, 3)), want: ins(f32([]float32{1, 3, 3, 20}, 4))},
		{name: "min", op: "ScatterElements", attrs: reduction("min"), in: ins(x, twice, f32([]float32{1, 20, .5}, 3)), want: ins(f32([]float32{1, .5, 3, 4}, 4))},
		{name: "add bool", op: "ScatterElements", attrs: reduction("add"), in: ins(tensor.Vector(false, false), i64([]int64{1}, 1), tensor.Vector(true)), want: ins(tensor.Vector(false, true))},
		{name: "add half", op: "ScatterElements", attrs: reduction("add"), in: ins(tensor.Vector(tensor.ToHalf(1)), i64([]int64{0}, 1), tensor.Vector(tensor.ToHalf(.5))), want: ins(tensor.Vector(tensor.ToHalf(1.5)))},
		{name: "add int8 wraps", op: "ScatterElements", attrs: reduction("add"), in: ins(tensor.Vector[int8](127), i64([]int64{0}, 1), tensor.Vector[int8](1)), want: ins(tensor.Vector[int8](-128))},
		{name: "strings", op: "ScatterElements", in: ins(tensor.Vector("a", "b"), i64([]int64{0}, 1), tensor.Vector("c")), want: ins(tensor.Vector("c", "b"))},
		{name: "add strings", op: "ScatterElements", attrs: reduction("add"), in: ins(tensor.Vector("a"), i64([]int64{0}, 1), tensor.Vector("c")), err: "reduction add of strings"},
		{name: "max at opset 16", op: "ScatterElements", opset: 16, attrs: reduction("max"), in: ins(x, twice, u), err: "before opset 18"},
		{name: "add at opset 16", op: "ScatterElements", opset: 16, attrs: reduction("add"), in: ins(x, twice, u), want: ins(f32([]float32{1, 42, 3, 24}, 4))},
		{name: "unknown", op: "ScatterElements", attrs: reduction("mean"), in: ins(x, twice, u), err: `reduction "mean"`},
		{name: "nothing", op: "ScatterElements", in: ins(x, i64([]int64{}, 0), f32([]float32{}, 0)), want: ins(x)},
		{name: "shapes", op: "ScatterElements", in: ins(x, twice, x), err: "the shapes differ"},
		{name: "range", op: "ScatterElements", in: ins(x, i64([]int64{4}, 1), f32([]float32{1}, 1)), err: "index 4"},
		{name: "wide", op: "ScatterElements", attrs: reduction("add"), in: ins(tensor.Zeros[float32](2, 100), tensor.Zeros[int64](3, 100), ones(3, 100)), want: ins(rowsOf(100, 3, 0)), nograd: true},
	})
}

func ones(shape ...int) tensor.Any {
	t := tensor.Zeros[float32](shape...)
	for i := range t.Data() {
		t.Data()[i] = 1
	}
	return t
}

// rowsOf returns a matrix of rows that each repeat a value.
func rowsOf(n int, v ...float32) tensor.Any {
	t := tensor.Zeros[float32](len(v), n)
	for i := range t.Data() {
		t.Data()[i] = v[i/n]
	}
	return t
}

func TestScatter(t *testing.T) {
	in := ins(ramp(3), i64([]int64{2}, 1), f32([]float32{-1}, 1))
	runRows(t, []row{
		{name: "opset 9", op: "Scatter", opset: 9, in: in, want: ins(f32([]float32{0, 1, -1}, 3))},
		{name: "opset 11", op: "Scatter", in: in, want: ins(f32([]float32{0, 1, -1}, 3))},
	})
}

func TestScatterND(t *testing.T) {
	x := f32([]float32{1, 2, 3, 4}, 2, 2)
	twice, u := i64([]int64{1, 1}, 2, 1), f32([]float32{10, 20, 30, 40}, 2, 2)
	runRows(t, []row{
		{name: "elements", op: "ScatterND", opset: 11, in: ins(x, i64([]int64{0, 1, -1, 0}, 2, 2), f32([]float32{-1, -2}, 2)), want: ins(f32([]float32{1, -1, -2, 4}, 2, 2))},
		{name: "add", op: "ScatterND", attrs: reduction("add"), in: ins(x, twice, u), want: ins(f32([]float32{1, 2, 43, 64}, 2, 2))},
		{name: "mul", op: "ScatterND", attrs: reduction("mul"), in: ins(x, twice, u), want: ins(f32([]float32{1, 2, 900, 3200}, 2, 2))},
		{name: "max", op: "ScatterND", attrs: reduction("max"), in: ins(x, twice, u), want: ins(f32([]float32{1, 2, 30, 40}, 2, 2))},
		{name: "min", op: "ScatterND", attrs: reduction("min"), in: ins(x, twice, u), want: ins(x)},
		{name: "none", op: "ScatterND", in: ins(x, i64([]int64{0}, 1, 1), f32([]float32{7, 8}, 1, 2)), want: ins(f32([]float32{7, 8, 3, 4}, 2, 2))},
		{name: "nothing", op: "ScatterND", in: ins(x, i64([]int64{}, 0, 1), ramp(0, 2)), want: ins(x)},
		{name: "shape of updates", op: "ScatterND", in: ins(x, twice, ramp(2, 3)), err: "expected the shape [2,2]"},
		{name: "range", op: "ScatterND", in: ins(x, i64([]int64{-3}, 1, 1), ramp(1, 2)), err: "index -3"},
		{name: "strings", op: "ScatterND", in: ins(tensor.Vector("a", "b"), i64([]int64{0}, 1, 1), tensor.Vector("c")), want: ins(tensor.Vector("c", "b"))},
	})
}
