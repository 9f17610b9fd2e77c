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
