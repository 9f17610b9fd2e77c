package nn

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestAttentionMasks holds attention along some of the axes, with a mask and scores, against attention on the same
// values with those axes joined to one and the others to the batch.
func TestAttentionMasks(t *testing.T) {
	shape := []int{2, 3, 2, 5}
	for _, c := range []struct {
		name string
		axes []int
		mask []int // the shape of the mask
		flat []int // batch, t
		join []int // the shape of the mask for flat inputs
	}{
		{"an axis", []int{2}, []int{2, 3, 2, 2}, []int{6, 2}, []int{6, 2, 2}},
		{"an axis, one mask for the others", []int{2}, []int{2, 2, 2}, []int{6, 2}, nil},
		{"all axes", nil, []int{2, 3, 2, 3, 2}, []int{2, 6}, []int{2, 6, 6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			attend := func(axes, in, mask []int) []float32 {
				t.Helper()
				y, err := evaluate(&Func{Emit: func(b *Builder, x ...*Value) []*Value {
					m := b.Const(some(c.mask...))
					if mask == nil { // repeated for the axes apart
						m = b.ReshapeTo(b.Expand(b.Unsqueeze(m, 1), b.Ints(shape[0], shape[1], shape[2], shape[2])), 6, 2, 2)
					} else {
						m = b.ReshapeTo(m, mask...)
					}
					v := b.ReshapeTo(x[0], in...)
					l := &MultiHeadAttention{Name: "a", NumHeads: 2, KeyDim: 3, AttentionAxes: axes, ReturnScores: true}
					ys := b.ApplyAll(l, v, v, v, m)
					return []*Value{b.Concat(1, b.ReshapeTo(ys[0], shape[0], -1), b.ReshapeTo(ys[1], shape[0], -1))}
				}}, ramp(shape...))
				if err != nil {
					t.Fatal(err)
				}
				return tensor.Data[float32](y)
			}
			got := attend(c.axes, shape, c.mask)
			want := attend(nil, append(slices.Clone(c.flat), 5), c.join)
			if len(got) != len(want) {
				t.Fatalf("%d numbers, want %d", len(got), len(want))
			}
			for i := range got {
				if math.Abs(float64(got[i]-want[i])) > 1e-6 {
					t.Fatalf("element %d is %v, want %v", i, got[i], want[i])
				}
			}
		})
	}
}

// some is a mask with every third element false.
func some(shape ...int) *tensor.Tensor[bool] {
	t := tensor.Zeros[bool](shape...)
	for i := range t.Data() {
		t.Data()[i] = i%3 > 0
	}
	return t
}

func ramp(shape ...int) *tensor.Tensor[float32] {
	t := tensor.Zeros[float32](shape...)
	for i := range t.Data() {
		t.Data()[i] = float32(i%21-10) / 10
	}
	return t
}

// TestAttentionAnyLength attends along axes whose sizes are not known.
func TestAttentionAnyLength(t *testing.T) {
	for _, c := range []struct {
		axes           []int
		result, scores string
	}{
		{[]int{1}, "[2,3,4,5]", "[2,4,2,3,3]"},
		{[]int{2}, "[2,3,4,5]", "[2,3,2,4,4]"},
		{nil, "[2,3,4,5]", "[2,2,3,4,3,4]"},
	} {
		b := NewBuilder(1)
		x := b.Input(Input{Name: "x", Shape: []int{-1, -1, 5}})
		ys := b.ApplyAll(&MultiHeadAttention{NumHeads: 2, KeyDim: 3, AttentionAxes: c.axes, ReturnScores: true}, x, x)
		if b.Err() != nil {
			t.Fatal(b.Err())
		}
		if n, ok := lastDim(ys[0]); !ok || n != 5 {
			t.Errorf("axes %v: the result is %v", c.axes, ys[0].Fact)
		}
		net, err := b.Net(b.Output("y", ys[0]), b.Output("scores", ys[1]))
		if err != nil {
			t.Fatal(err)
		}
		vals, err := ops.Set().EvalGraph(context.Background(), net.Graph, map[*ir.Value]tensor.Any{x: ramp(2, 3, 4, 5)}, op.Rand{})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{c.result, c.scores} {
			if got := vals[net.Graph.Outputs[i].ID].Shape().String(); got != want {
				t.Errorf("axes %v: output %d is %s, want %s", c.axes, i, got, want)
			}
		}
	}
}

func TestAttentionErrors(t *testing.T) {
	four := []int{2, 3, 4, 5}
	heads := func(change func(*MultiHeadAttention)) *MultiHeadAttention {
		l := &MultiHeadAttention{NumHeads: 2, KeyDim: 3}
		change(l)
		return l
	}
	for _, c := range []struct {
		layer *MultiHeadAttention
		in    [][]int
		fail  string
	}{
		{heads(func(l *MultiHeadAttention) { l.AttentionAxes = []int{3} }), [][]int{four, four}, "AttentionAxes: [3]} on"},
		{heads(func(l *MultiHeadAttention) { l.AttentionAxes = []int{0} }), [][]int{four, four}, "between batch and features"},
		{heads(func(l *MultiHeadAttention) { l.AttentionAxes = []int{1, -3} }), [][]int{four, four}, "different ones"},
		{heads(func(l *MultiHeadAttention) {}), [][]int{four, {2, 3, 5}}, "as many in each"},
		{heads(func(l *MultiHeadAttention) { l.UseCausalMask = true }), [][]int{four, four}, "along axis 1"},
		{heads(func(l *MultiHeadAttention) { l.AttentionAxes, l.SlidingWindow = []int{2}, 1 }), [][]int{four, four}, "along axis 1"},
	} {
		if _, _, err := run(c.layer, c.in...); err == nil || !strings.Contains(err.Error(), c.fail) {
			t.Errorf("%+v: %v, want %q", c.layer, err, c.fail)
		}
	}
}
