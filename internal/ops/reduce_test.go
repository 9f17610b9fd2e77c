package ops

import (
	"context"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func axes(a ...int64) tensor.Any { return i64(a, len(a)) }

func TestReduceSum(t *testing.T) {
	x := f32([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2)
	keep0 := []ir.Attr{op.Attr("keepdims", 0)}
	runRows(t, []row{
		{name: "all", op: "ReduceSum", in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{36}, 1, 1, 1)}},
		{name: "all, no axis left", op: "ReduceSum", attrs: keep0, in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{36})}},
		{name: "last", op: "ReduceSum", in: []tensor.Any{x, axes(-1)}, want: []tensor.Any{f32([]float32{3, 7, 11, 15}, 2, 2, 1)}},
		{name: "first", op: "ReduceSum", attrs: keep0, in: []tensor.Any{x, axes(0)}, want: []tensor.Any{f32([]float32{6, 8, 10, 12}, 2, 2)}},
		{name: "middle", op: "ReduceSum", attrs: keep0, in: []tensor.Any{x, axes(1)}, want: []tensor.Any{f32([]float32{4, 6, 12, 14}, 2, 2)}},
		{name: "outer two", op: "ReduceSum", attrs: keep0, in: []tensor.Any{x, axes(2, 0)}, want: []tensor.Any{f32([]float32{14, 22}, 2)}},
		{name: "attribute", op: "ReduceSum", opset: 11, attrs: []ir.Attr{op.Attr("axes", []int{0, 1})}, in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{16, 20}, 1, 1, 2)}},
		{name: "opset 7", op: "ReduceSum", opset: 7, attrs: keep0, in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{36})}},
		{name: "empty axes", op: "ReduceSum", in: []tensor.Any{x, axes()}, want: []tensor.Any{f32([]float32{36}, 1, 1, 1)}},
		{name: "empty axes do nothing", op: "ReduceSum", attrs: []ir.Attr{op.Attr("noop_with_empty_axes", 1)}, in: []tensor.Any{x, axes()}, want: []tensor.Any{x}},
		{name: "nothing", op: "ReduceSum", in: []tensor.Any{f32(nil, 2, 0), axes(1)}, want: []tensor.Any{f32([]float32{0, 0}, 2, 1)}},
		{name: "no results", op: "ReduceSum", in: []tensor.Any{f32(nil, 0, 2), axes(1)}, want: []tensor.Any{f32(nil, 0, 1)}},
		{name: "scalar", op: "ReduceSum", in: []tensor.Any{f32([]float32{3})}, want: []tensor.Any{f32([]float32{3})}},
		{name: "integers wrap", op: "ReduceSum", in: []tensor.Any{i32([]int32{1 << 30, 1 << 30, 1 << 30, 1 << 30, 5}, 5)}, want: []tensor.Any{i32([]int32{5}, 1)}},
		{name: "axis out of range", op: "ReduceSum", in: []tensor.Any{x, axes(3)}, err: "axis 3 outside [-3,2]"},
		{name: "axis twice", op: "ReduceSum", in: []tensor.Any{x, axes(0, -3)}, err: "named twice"},
	})
}

func TestReduceMean(t *testing.T) {
	x := f32([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	runRows(t, []row{
		{name: "all", op: "ReduceMean", in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{3.5}, 1, 1)}},
		{name: "rows", op: "ReduceMean", attrs: []ir.Attr{op.Attr("keepdims", 0)}, in: []tensor.Any{x, axes(1)}, want: []tensor.Any{f32([]float32{2, 5}, 2)}},
		{name: "columns", op: "ReduceMean", opset: 13, attrs: []ir.Attr{op.Attr("axes", []int{0})}, in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{2.5, 3.5, 4.5}, 1, 3)}},
		{name: "integers", op: "ReduceMean", in: []tensor.Any{i64([]int64{-1, -2, 0, 0}, 4)}, want: []tensor.Any{i64([]int64{0}, 1)}},
		{name: "nothing", op: "ReduceMean", in: []tensor.Any{f32(nil, 1, 0), axes(1)}, want: []tensor.Any{f32([]float32{float32(math.NaN())}, 1, 1)}},
		{name: "no integers", op: "ReduceMean", in: []tensor.Any{i64(nil, 0)}, want: []tensor.Any{i64([]int64{0}, 1)}},
	})
}

// A sum of many small numbers is exact to a few units in the last place, by rows and by columns, and
// the same for any number of threads.
func TestReduceAccuracy(t *testing.T) {
	pool := kernel.NewPool(4)
	defer pool.Close()
	for _, shape := range [][]int{{3, 1 << 18}, {1 << 18, 3}} {
		x := tensor.Zeros[float32](shape...)
		for i := range x.Data() {
			x.Data()[i] = .1
		}
		g := ir.New("test")
		b := op.NewBuilder(g, Set())
		axis := 0
		if shape[0] == 3 {
			axis = 1
		}
		n := b.Sum(g.AddInput("x", ir.ConstFact(x).Like()), false, axis)
		g.Outputs = []*ir.Value{n}
		vals, err := Set().EvalGraph(context.Background(), g, map[*ir.Value]tensor.Any{g.Inputs[0]: x}, op.Rand{})
		if err != nil {
			t.Fatal(err)
		}
		mark := make([]bool, 2)
		mark[axis] = true
		d := make([]float32, 3)
		kernel.NewReduce(shape, mark, kernel.Sum[float32]()).Run(pool, d, x.Data())
		for i, v := range tensor.Data[float32](vals[n.ID]) {
			if want := float64(float32(.1)) * (1 << 18); math.Abs(float64(v)-want) > want*1e-6 {
				t.Errorf("%v: sum %d is %v, want %v", shape, i, v, want)
			}
			if d[i] != v {
				t.Errorf("%v: sum %d depends on threads", shape, i)
			}
		}
	}
}

func TestReduceOthers(t *testing.T) {
	x := f32([]float32{1, -2, 3, -4, 5, 6}, 2, 3)
	zeros := f32([]float32{0, 2, 3, 0, 0, 5, 2, -3, 4}, 3, 3)
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	keep0 := []ir.Attr{op.Attr("keepdims", 0)}
	noop := []ir.Attr{op.Attr("noop_with_empty_axes", 1)}
	old := []ir.Attr{op.Attr("axes", []int{1}), op.Attr("keepdims", 0)}
	runRows(t, []row{
		{name: "rows", op: "ReduceL1", attrs: keep0, in: []tensor.Any{x, axes(1)}, want: []tensor.Any{f32([]float32{6, 15}, 2)}},
		{name: "columns", op: "ReduceL1", in: []tensor.Any{x, axes(0)}, want: []tensor.Any{f32([]float32{5, 7, 9}, 1, 3)}},
		{name: "no axes", op: "ReduceL1", attrs: noop, in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{1, 2, 3, 4, 5, 6}, 2, 3)}},
		{name: "opset 11", op: "ReduceL1", opset: 11, attrs: old, in: []tensor.Any{i64([]int64{1, -2, -5, 0}, 2, 2)}, want: []tensor.Any{i64([]int64{3, 5}, 2)}},

		{name: "rows", op: "ReduceL2", attrs: keep0, in: []tensor.Any{f32([]float32{3, 4, 5, -12}, 2, 2), axes(1)}, want: []tensor.Any{f32([]float32{5, 13}, 2)}},
		{name: "columns", op: "ReduceL2", opset: 13, attrs: []ir.Attr{op.Attr("axes", []int{-2})}, in: []tensor.Any{f32([]float32{3, 5, 4, -12}, 2, 2)}, want: []tensor.Any{f32([]float32{5, 13}, 1, 2)}},
		{name: "zeros", op: "ReduceL2", in: []tensor.Any{f32([]float32{0, 0}, 2)}, want: []tensor.Any{f32([]float32{0}, 1)}, nograd: true},
		{name: "integers", op: "ReduceL2", in: []tensor.Any{i32([]int32{1, 1}, 2)}, want: []tensor.Any{i32([]int32{1}, 1)}},

		{name: "all", op: "ReduceSumSquare", in: []tensor.Any{x}, want: []tensor.Any{f32([]float32{91}, 1, 1)}},
		{name: "columns", op: "ReduceSumSquare", attrs: keep0, in: []tensor.Any{x, axes(0)}, want: []tensor.Any{f32([]float32{17, 29, 45}, 3)}},
		{name: "no axes", op: "ReduceSumSquare", attrs: noop, in: []tensor.Any{x, axes()}, want: []tensor.Any{f32([]float32{1, 4, 9, 16, 25, 36}, 2, 3)}},

		{name: "zeros", op: "ReduceProd", attrs: keep0, in: []tensor.Any{zeros, axes(1)}, want: []tensor.Any{f32([]float32{0, 0, -24}, 3)}},
		{name: "columns", op: "ReduceProd", in: []tensor.Any{zeros, axes(0)}, want: []tensor.Any{f32([]float32{0, 0, 60}, 1, 3)}},
		{name: "nothing", op: "ReduceProd", in: []tensor.Any{f32(nil, 0, 2), axes(0)}, want: []tensor.Any{f32([]float32{1, 1}, 1, 2)}},
		{name: "opset 1", op: "ReduceProd", opset: 8, attrs: old, in: []tensor.Any{i32([]int32{2, 3, 4, 5}, 2, 2)}, want: []tensor.Any{i32([]int32{6, 20}, 2)}},

		{name: "rows", op: "ReduceMax", attrs: keep0, in: []tensor.Any{x, axes(1)}, want: []tensor.Any{f32([]float32{3, 6}, 2)}},
		{name: "columns", op: "ReduceMax", in: []tensor.Any{x, axes(0)}, want: []tensor.Any{f32([]float32{1, 5, 6}, 1, 3)}},
		{name: "NaN", op: "ReduceMax", in: []tensor.Any{f32([]float32{1, nan, 5, 7, 8, 9}, 2, 3), axes(1)}, want: []tensor.Any{f32([]float32{nan, 9}, 2, 1)}},
		{name: "NaN in columns", op: "ReduceMax", in: []tensor.Any{f32([]float32{nan, 1, 5, 7}, 2, 2), axes(0)}, want: []tensor.Any{f32([]float32{nan, 7}, 1, 2)}},
		{name: "nothing", op: "ReduceMax", in: []tensor.Any{f32(nil, 0), axes(0)}, want: []tensor.Any{f32([]float32{-inf}, 1)}},
		{name: "no integers", op: "ReduceMax", opset: 18, in: []tensor.Any{tensor.Must([]int8{}, 0), axes(0)}, want: []tensor.Any{tensor.Vector[int8](-128)}},
		{name: "bools", op: "ReduceMax", in: []tensor.Any{tensor.Must([]bool{true, false, false, false}, 2, 2), axes(1)}, want: []tensor.Any{tensor.Must([]bool{true, false}, 2, 1)}},
		{name: "bools of opset 18", op: "ReduceMax", opset: 18, in: []tensor.Any{tensor.Must([]bool{true}, 1)}, err: "does not take"},
		{name: "rows", op: "ReduceMin", attrs: keep0, in: []tensor.Any{x, axes(1)}, want: []tensor.Any{f32([]float32{-2, -4}, 2)}},
		{name: "all negative", op: "ReduceMax", attrs: keep0, in: []tensor.Any{f32([]float32{-3, -2}, 2)}, want: []tensor.Any{f32([]float32{-2})}},
		{name: "nothing", op: "ReduceMin", opset: 12, attrs: old, in: []tensor.Any{i32(nil, 1, 0)}, want: []tensor.Any{i32([]int32{math.MaxInt32}, 1)}},
		{name: "columns of bools", op: "ReduceMin", in: []tensor.Any{tensor.Must([]bool{true, false, true, true}, 2, 2), axes(0)}, want: []tensor.Any{tensor.Must([]bool{true, false}, 1, 2)}},

		{name: "rows", op: "ReduceLogSum", attrs: keep0, in: []tensor.Any{f32([]float32{1, 2, 3, 4}, 2, 2), axes(1)}, want: []tensor.Any{f32([]float32{1.0986123, 1.9459101}, 2)}},
		{name: "integers", op: "ReduceLogSum", opset: 18, in: []tensor.Any{i32([]int32{10, 11}, 2)}, want: []tensor.Any{i32([]int32{3}, 1)}},
		{name: "integers now", op: "ReduceLogSum", in: []tensor.Any{i32([]int32{10, 11}, 2)}, err: "does not take"},
		{name: "rows", op: "ReduceLogSumExp", attrs: keep0, in: []tensor.Any{f32([]float32{1000, 1000, -1000, -1000}, 2, 2), axes(1)}, want: []tensor.Any{f32([]float32{1000.6931, -999.30685}, 2)}, nograd: true},
		{name: "columns", op: "ReduceLogSumExp", opset: 13, attrs: []ir.Attr{op.Attr("axes", []int{0})}, in: []tensor.Any{f32([]float32{0, 1, 0, 1}, 2, 2)}, want: []tensor.Any{f32([]float32{.6931472, 1.6931472}, 1, 2)}},
		{name: "infinities", op: "ReduceLogSumExp", in: []tensor.Any{f32([]float32{inf, 1, -inf, -inf, nan, inf}, 3, 2), axes(1)}, want: []tensor.Any{f32([]float32{inf, -inf, nan}, 3, 1)}},
		{name: "nothing", op: "ReduceLogSumExp", in: []tensor.Any{f32(nil, 0)}, want: []tensor.Any{f32([]float32{-inf}, 1)}},
	})
}

func TestArg(t *testing.T) {
	x := f32([]float32{1, 5, 5, 3, 2, 3}, 2, 3)
	nan := float32(math.NaN())
	attr := func(axis, keep, last int) []ir.Attr {
		return []ir.Attr{op.Attr("axis", axis), op.Attr("keepdims", keep), op.Attr("select_last_index", last)}
	}
	runRows(t, []row{
		{name: "default", op: "ArgMax", in: []tensor.Any{x}, want: []tensor.Any{i64([]int64{1, 0, 0}, 1, 3)}},
		{name: "rows", op: "ArgMax", attrs: attr(-1, 0, 0), in: []tensor.Any{x}, want: []tensor.Any{i64([]int64{1, 0}, 2)}},
		{name: "last of equals", op: "ArgMax", attrs: attr(1, 0, 1), in: []tensor.Any{x}, want: []tensor.Any{i64([]int64{2, 2}, 2)}},
		{name: "NaN", op: "ArgMax", attrs: attr(0, 0, 0), in: []tensor.Any{f32([]float32{1, nan, 3, nan}, 4)}, want: []tensor.Any{i64([]int64{1})}},
		{name: "last NaN", op: "ArgMax", attrs: attr(0, 0, 1), in: []tensor.Any{f32([]float32{1, nan, 3, nan, 4}, 5)}, want: []tensor.Any{i64([]int64{3})}},
		{name: "opset 7", op: "ArgMax", opset: 7, attrs: []ir.Attr{op.Attr("axis", 1)}, in: []tensor.Any{i32([]int32{1, 2, 4, 3}, 2, 2)}, want: []tensor.Any{i64([]int64{1, 0}, 2, 1)}},
		{name: "rows", op: "ArgMin", attrs: attr(1, 0, 0), in: []tensor.Any{x}, want: []tensor.Any{i64([]int64{0, 1}, 2)}},
		{name: "last of equals", op: "ArgMin", attrs: attr(0, 1, 1), in: []tensor.Any{f32([]float32{1, 2, 1, 3}, 4)}, want: []tensor.Any{i64([]int64{2}, 1)}},
		{name: "NaN", op: "ArgMin", attrs: attr(0, 1, 0), in: []tensor.Any{f32([]float32{1, nan, 0}, 3)}, want: []tensor.Any{i64([]int64{1}, 1)}},
		{name: "middle", op: "ArgMin", attrs: attr(1, 0, 0), in: []tensor.Any{ramp(2, 2, 2)}, want: []tensor.Any{i64([]int64{0, 0, 0, 0}, 2, 2)}},
		{name: "nothing", op: "ArgMin", in: []tensor.Any{f32(nil, 0, 2)}, err: "is empty"},
		{name: "axis", op: "ArgMin", attrs: attr(2, 1, 0), in: []tensor.Any{x}, err: "axis 2 outside"},
	})
}
