package lower_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestOlder writes operators at an opset from before them, reads that again and compares what both give.
func TestOlder(t *testing.T) {
	const line, square = "float[batch,6] x", "float[batch,3,4] x"
	for _, c := range []struct {
		node, in string
		shape    tensor.Shape
		opset    int
	}{
		{`y = Gelu (x)`, line, tensor.Shape{2, 6}, 13},
		{`y = Gelu <approximate = "tanh"> (x)`, line, tensor.Shape{2, 6}, 13},
		{`y = HardSwish (x)`, line, tensor.Shape{2, 6}, 13},
		{`y = Mish (x)`, line, tensor.Shape{2, 6}, 13},
		{`y = Swish <alpha = 1.5> (x)`, line, tensor.Shape{2, 6}, 13},
		{`s = Constant <value = float[6] {1, 2, 3, -1, -2, 0.5}> () y = LayerNormalization (x, s, s)`, line, tensor.Shape{2, 6}, 13},
		{`s = Constant <value = float[1] {2}> () n, m, y = LayerNormalization <axis = 1, epsilon = 0.001> (x, s)`, square, tensor.Shape{2, 3, 4}, 16},
		{`i = Shape <start = 1, end = 2> (x) y = Cast <to = 1> (i)`, square, tensor.Shape{2, 3, 4}, 13},
		{`i = Shape <start = -2> (x) y = Cast <to = 1> (i)`, square, tensor.Shape{2, 3, 4}, 13},
		{`k = Constant <value = int64 {1}> () y = Trilu (x, k)`, square, tensor.Shape{2, 3, 4}, 13},
		{`y = Trilu <upper = 0> (x)`, square, tensor.Shape{2, 3, 4}, 13},
		{`a = Constant <value = int64[2] {1, -1}> () y = ReduceMean <keepdims = 0> (x, a)`, square, tensor.Shape{2, 3, 4}, 13},
		{`y = ReduceMax (x)`, square, tensor.Shape{2, 3, 4}, 17},
		{`y, z = Split <axis = -1, num_outputs = 2> (x)`, square, tensor.Shape{2, 3, 4}, 17},
		{`z, y = Split <axis = 2, num_outputs = 2> (x)`, square, tensor.Shape{2, 3, 4}, 13},
		{`k = Constant <value = int64[3] {-1, 2, 6}> () y = Reshape <allowzero = 1> (x, k)`, square, tensor.Shape{2, 3, 4}, 13},
		{`p = Constant <value = int64[4] {0, 1, 0, 1}> () y = Pad <mode = "reflect"> (x, p)`, line, tensor.Shape{2, 6}, 13},
	} {
		text := `<ir_version: 14, opset_import: ["" : 28]> g (` + c.in + `) => (float[] y) {` + c.node + `}`
		x := tensor.Zeros[float32](c.shape...)
		for i := range x.Data() {
			x.Data()[i] = float32(i*i%17)/4 - 2
		}
		want := eval(t, parse(t, text), x)
		g := graphOf(t, parse(t, text))
		if err := lower.Older(g, ops.Set(), c.opset); err != nil {
			t.Fatalf("%s: %v", c.node, err)
		}
		m, err := lower.Raise(g, ops.Set(), lower.RaiseOptions{Opset: c.opset})
		if err != nil {
			t.Errorf("%s: %v", c.node, err)
			continue
		}
		got := eval(t, m, x)
		if !got.Shape().Equal(want.Shape()) {
			t.Errorf("%s: shape %v, want %v", c.node, got.Shape(), want.Shape())
			continue
		}
		for i, w := range want.Data() {
			if d := math.Abs(float64(got.Data()[i] - w)); !(d <= 1e-6*max(1, math.Abs(float64(w)))) {
				t.Errorf("%s: [%d] is %v, want %v", c.node, i, got.Data()[i], w)
				break
			}
		}
	}
}

// TestOlderRefused writes what an older opset cannot say.
func TestOlderRefused(t *testing.T) {
	for _, c := range []struct {
		node          string
		opset, enough int
	}{
		{`y = Pad <mode = "wrap"> (x, x)`, 18, 19},
		{`y, z = Split <num_outputs = 2> (a)`, 17, 18},
		{`k = Constant <value = int64[2] {0, 2}> () y = Reshape <allowzero = 1> (a, k)`, 13, 14},
		{`y = ReduceSum <noop_with_empty_axes = 1> (a) z = ReduceMin <noop_with_empty_axes = 1> (a) w = BitwiseNot(x)`, 17, 18},
	} {
		g := graphOf(t, parse(t, `<ir_version: 14, opset_import: ["" : 28]> g (int64[2] x, int64[n] a) => (int64[] y) {`+c.node+`}`))
		if err := lower.Older(g, ops.Set(), c.opset); err != nil {
			t.Fatalf("%s: %v", c.node, err)
		}
		_, err := lower.Raise(g, ops.Set(), lower.RaiseOptions{Opset: c.opset})
		var e *lower.OpsetError
		if !errors.As(err, &e) || e.Enough != c.enough || !errors.Is(err, op.ErrUnsupported) {
			t.Errorf("%s: error %v, want that opset %d is enough", c.node, err, c.enough)
		}
	}
}

func graphOf(t *testing.T, m *onnxio.Model) *ir.Graph {
	t.Helper()
	r, err := lower.Model(m, ops.Set(), lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Graph
}

// eval returns the output y.
func eval(t *testing.T, m *onnxio.Model, x tensor.Any) *tensor.Tensor[float32] {
	t.Helper()
	g := graphOf(t, m)
	vals, err := ops.Set().EvalGraph(context.Background(), g, map[*ir.Value]tensor.Any{g.Inputs[0]: x}, op.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	return vals[g.Outputs[0].ID].(*tensor.Tensor[float32])
}
