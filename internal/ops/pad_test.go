package ops

import (
	"context"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/autodiff"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestPad(t *testing.T) {
	mode := func(m string) []ir.Attr { return attrs(at("mode", m)) }
	pads := func(p ...int64) tensor.Any { return tensor.Vector(p...) }
	x := f32([]float32{1, 2, 3}, 3)
	runRows(t, []row{
		{name: "constant", op: "Pad", in: ins(x, pads(1, 2), f32([]float32{9}, 1)), want: ins(f32([]float32{9, 1, 2, 3, 9, 9}, 6))},
		{name: "zero", op: "Pad", in: ins(ramp(2, 2), pads(0, 1, 1, 0)), want: ins(f32([]float32{0, 0, 1, 0, 2, 3, 0, 0, 0}, 3, 3))},
		{name: "negative", op: "Pad", in: ins(x, pads(-1, 1)), want: ins(f32([]float32{2, 3, 0}, 3))},
		{name: "all taken", op: "Pad", in: ins(x, pads(-2, -1)), want: ins(ramp(0))},
		{name: "axes", op: "Pad", in: ins(ramp(2, 2), pads(1, 0), nil, i32([]int32{-1}, 1)), want: ins(f32([]float32{0, 0, 1, 0, 2, 3}, 2, 3))},
		{name: "inner axes whole", op: "Pad", in: ins(ramp(1, 2), pads(1, 0, 0, 0)), want: ins(f32([]float32{0, 0, 0, 1}, 2, 2))},
		{name: "reflect", op: "Pad", attrs: mode("reflect"), in: ins(x, pads(2, 1)), want: ins(f32([]float32{3, 2, 1, 2, 3, 2}, 6))},
		{name: "reflect far", op: "Pad", attrs: mode("reflect"), in: ins(x, pads(0, 5)), want: ins(f32([]float32{1, 2, 3, 2, 1, 2, 3, 2}, 8))},
		{name: "edge", op: "Pad", attrs: mode("edge"), in: ins(ramp(2, 2), pads(1, 1, 0, 1)), want: ins(f32([]float32{0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3}, 3, 4))},
		{name: "edge of what is kept", op: "Pad", attrs: mode("edge"), in: ins(x, pads(-1, 2)), want: ins(f32([]float32{2, 3, 3, 3}, 4))},
		{name: "wrap", op: "Pad", attrs: mode("wrap"), in: ins(x, pads(2, 4)), want: ins(f32([]float32{2, 3, 1, 2, 3, 1, 2, 3, 1}, 9))},
		{name: "wrap at opset 18", op: "Pad", opset: 18, attrs: mode("wrap"), in: ins(x, pads(2, 4)), err: "before opset 19"},
		{name: "attributes", op: "Pad", opset: 7, attrs: attrs(at("pads", []int{1, 0}), at("value", 5.0)), in: ins(x), want: ins(f32([]float32{5, 1, 2, 3}, 4))},
		{name: "opset 11", op: "Pad", opset: 11, in: ins(x, pads(0, 1), tensor.Scalar[float32](4)), want: ins(f32([]float32{1, 2, 3, 4}, 4))},
		{name: "strings", op: "Pad", in: ins(tensor.Vector("a"), pads(1, 0), tensor.Scalar("b")), want: ins(tensor.Vector("b", "a"))},
		{name: "scalar", op: "Pad", in: ins(ramp(), pads()), want: ins(ramp())},
		{name: "from nothing", op: "Pad", in: ins(ramp(0), pads(1, 1), f32([]float32{7}, 1)), want: ins(f32([]float32{7, 7}, 2))},
		{name: "edge of nothing", op: "Pad", attrs: mode("edge"), in: ins(ramp(0), pads(1, 1)), err: "nothing to take from"},
		{name: "too much taken", op: "Pad", in: ins(x, pads(-2, -2)), err: "take more than axis 0"},
		{name: "count", op: "Pad", in: ins(x, pads(1)), err: "expected 2 elements"},
		{name: "huge", op: "Pad", in: ins(x, pads(math.MaxInt64, math.MaxInt64)), err: "invalid shape"},
		{name: "huge and empty", op: "Pad", in: ins(ramp(0, 1), pads(0, math.MaxInt>>23, 0, 0)), want: nil},
		{name: "mode", op: "Pad", attrs: mode("mirror"), in: ins(x, pads(1, 1)), err: `mode "mirror"`},
	})
}

func TestRange(t *testing.T) {
	s := func(v int64) tensor.Any { return tensor.Scalar(v) }
	h := tensor.ToHalf
	runRows(t, []row{
		{name: "up", op: "Range", in: ins(s(1), s(6), s(2)), want: ins(i64([]int64{1, 3, 5}, 3))},
		{name: "down", op: "Range", opset: 11, in: ins(s(3), s(0), s(-1)), want: ins(i64([]int64{3, 2, 1}, 3))},
		{name: "none", op: "Range", in: ins(s(3), s(0), s(1)), want: ins(i64([]int64{}, 0))},
		{name: "floats", op: "Range", in: ins(tensor.Scalar[float32](0), tensor.Scalar[float32](1), tensor.Scalar[float32](.3)), want: ins(f32([]float32{0, .3, .6, .9}, 4))},
		{name: "halves", op: "Range", in: ins(tensor.Scalar(h(1)), tensor.Scalar(h(2)), tensor.Scalar(h(.5))), want: ins(tensor.Vector(h(1), h(1.5)))},
		{name: "over the whole range", op: "Range", in: ins(s(math.MinInt64), s(math.MaxInt64), s(math.MaxInt64)), want: ins(i64([]int64{math.MinInt64, -1, math.MaxInt64 - 1}, 3))},
		{name: "by 0", op: "Range", in: ins(s(0), s(1), s(0)), err: "by 0"},
		{name: "by 0.0", op: "Range", in: ins(tensor.Scalar[float64](0), tensor.Scalar[float64](1), tensor.Scalar[float64](0)), err: "by 0"},
		{name: "too long", op: "Range", in: ins(s(0), s(math.MaxInt64), s(1)), err: "invalid shape"},
		{name: "vector", op: "Range", in: ins(i64([]int64{0, 1}, 2), s(1), s(0)), err: "expected a scalar"},
	})
}

// TestRangeGradient differentiates the sum of squares of start, start+delta, start+2*delta.
func TestRangeGradient(t *testing.T) {
	g := ir.New("range")
	b := op.NewBuilder(g, Set())
	start, delta := g.AddInput("start", ir.Typed(tensor.Float64)), g.AddInput("delta", ir.Typed(tensor.Float64))
	y := b.Op("Range", start, b.Const(tensor.Scalar(3.5)), delta)
	grads, err := autodiff.Gradients(b, b.Sum(b.Mul(y, y), false), []*ir.Value{start, delta})
	if err != nil {
		t.Fatal(err)
	}
	g.Outputs = grads
	feed := map[*ir.Value]tensor.Any{start: tensor.Scalar(1.), delta: tensor.Scalar(1.)}
	vals, err := Set().EvalGraph(context.Background(), g, feed, op.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	// 1, 2, 3: 2*(1+2+3) and 2*(0*1+1*2+2*3).
	if a, d := tensor.Data[float64](vals[grads[0].ID])[0], tensor.Data[float64](vals[grads[1].ID])[0]; a != 12 || d != 16 {
		t.Errorf("gradients %g and %g, want 12 and 16", a, d)
	}
}
