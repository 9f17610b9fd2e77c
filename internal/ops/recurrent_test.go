package ops

import (
	"context"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestRecurrent(t *testing.T) {
	const T, B, I, H = 3, 2, 3, 2
	x, first := noise(1, T, B, I), noise(1, B, T, I)
	params := func(gates, dirs int) []tensor.Any {
		return ins(noise(2, dirs, gates*H, I), noise(3, dirs, gates*H, H), noise(4, dirs, 2*gates*H))
	}
	lens := tensor.Vector[int32](2, 3)
	h, h2, c := noise(5, 1, B, H), noise(5, 2, B, H), noise(6, 1, B, H)
	in := func(x tensor.Any, p []tensor.Any, more ...tensor.Any) []tensor.Any {
		return append(append(ins(x), p...), more...)
	}
	one := f32([]float32{1}, 1, 1, 1)
	series := f32([]float32{1, 2, 3}, 3, 1, 1)
	relu := kv("activations", []string{"Relu"})
	shape := func(s ...int) tensor.Any { return f32(make([]float32, tensor.Shape(s).Len()), s...) }
	runRows(t, []row{
		{name: "sums", op: "RNN", nout: 2, attrs: relu, in: ins(series, one, one), want: ins(f32([]float32{1, 3, 6}, 3, 1, 1, 1), f32([]float32{6}, 1, 1, 1))},
		{name: "backwards", op: "RNN", nout: 2, attrs: append(kv("direction", "reverse"), relu...), in: ins(series, one, one),
			want: ins(f32([]float32{6, 5, 3}, 3, 1, 1, 1), f32([]float32{6}, 1, 1, 1))},
		{name: "short sequence", op: "RNN", nout: 2, attrs: relu, in: ins(series, one, one, nil, tensor.Vector[int32](2)),
			want: ins(f32([]float32{1, 3, 0}, 3, 1, 1, 1), f32([]float32{3}, 1, 1, 1))},
		{name: "short sequence backwards", op: "RNN", nout: 2, attrs: append(kv("direction", "reverse"), relu...), in: ins(series, one, one, nil, tensor.Vector[int32](2)),
			want: ins(f32([]float32{3, 2, 0}, 3, 1, 1, 1), f32([]float32{3}, 1, 1, 1))},
		{name: "clip", op: "RNN", nout: 2, attrs: append(kv("clip", 2.5), relu...), in: ins(series, one, one), want: ins(f32([]float32{1, 2.5, 2.5}, 3, 1, 1, 1))},
		{name: "clip, opset 7", op: "RNN", opset: 7, nout: 2, attrs: append(kv("clip", 2.5), relu...), in: ins(series, one, one), want: ins(f32([]float32{1, 2.5, 2.5}, 3, 1, 1, 1))},
		{name: "no samples", op: "RNN", in: ins(shape(3, 0, 1), one, one), want: ins(shape(3, 1, 0, 1)), nograd: true},
		{name: "long and empty", op: "RNN", nout: 2, in: ins(f32(nil, math.MaxInt>>2, 0, 1), one, one), err: "limit"},
		{name: "too long", op: "RNN", nout: 2, in: ins(f32(nil, math.MaxInt>>2, 1, 0), f32(nil, 1, 1, 0), one), err: "limit"},
		{name: "two directions", op: "RNN", nout: 2, attrs: kv("direction", "bidirectional"), in: in(x, params(1, 2), lens, h2)},
		{name: "batch first", op: "RNN", nout: 2, attrs: kv("layout", 1), in: in(first, params(1, 1))},
		{name: "arguments", op: "RNN", nout: 2, attrs: kv("activations", []string{"Affine", "ScaledTanh"}, "activation_alpha", []float32{.5, 1.5}, "activation_beta", []float32{.25, .5}, "direction", "bidirectional"),
			in: in(x, params(1, 2))},

		{name: "forward", op: "GRU", nout: 2, in: in(x, params(3, 1), nil, h)},
		{name: "reset after", op: "GRU", nout: 2, attrs: kv("linear_before_reset", 1), in: in(x, params(3, 1), lens, h)},
		{name: "two directions", op: "GRU", nout: 2, attrs: kv("direction", "bidirectional", "layout", 1), in: in(first, params(3, 2), lens)},
		{name: "no bias", op: "GRU", nout: 2, attrs: kv("linear_before_reset", 1), in: ins(x, noise(2, 1, 6, I), noise(3, 1, 6, H))},

		{name: "forward", op: "LSTM", nout: 3, in: in(x, params(4, 1), nil, h, c)},
		{name: "peepholes", op: "LSTM", nout: 3, in: in(x, params(4, 1), lens, h, c, noise(7, 1, 3*H))},
		{name: "coupled", op: "LSTM", nout: 3, attrs: kv("input_forget", 1), in: in(x, params(4, 1))},
		{name: "two directions", op: "LSTM", nout: 3, attrs: kv("direction", "bidirectional"), in: in(x, params(4, 2), lens)},
		{name: "batch first", op: "LSTM", nout: 3, attrs: kv("layout", 1, "direction", "reverse"), in: in(first, params(4, 1), lens)},

		{name: "direction", op: "LSTM", attrs: kv("direction", "sideways"), in: in(x, params(4, 1)), err: "sideways"},
		{name: "activation", op: "RNN", attrs: kv("activations", []string{"Sinc"}), in: in(x, params(1, 1)), err: "Sinc"},
		{name: "activations", op: "GRU", attrs: kv("activations", []string{"Tanh"}), in: in(x, params(3, 1)), err: "1 activations"},
		{name: "weights", op: "GRU", in: in(x, params(4, 1)), err: "expected [1"},
		{name: "directions", op: "LSTM", in: in(x, params(4, 2)), err: "expected [1"},
		{name: "hidden size", op: "LSTM", attrs: kv("hidden_size", 3), in: in(x, params(4, 1)), err: "expected"},
		{name: "length", op: "LSTM", in: in(x, params(4, 1), tensor.Vector[int32](2, 4)), err: "sequence_lens[1] is 4"},
		{name: "negative length", op: "LSTM", in: in(x, params(4, 1), tensor.Vector[int32](-1, 3)), err: "sequence_lens[0] is -1"},
		{name: "clip", op: "LSTM", attrs: kv("clip", -1.), in: in(x, params(4, 1)), err: "clip is -1"},
	})
}

// TestRecurrentExpand holds the kernels against the steps laid out.
func TestRecurrentExpand(t *testing.T) {
	for _, c := range []row{
		{op: "RNN", nout: 2}, {op: "GRU", nout: 2}, {op: "LSTM", nout: 3},
		{op: "GRU", nout: 2, attrs: kv("linear_before_reset", 1)}, {op: "LSTM", nout: 3, attrs: kv("input_forget", 1)},
	} {
		gates := map[string]int{"RNN": 1, "GRU": 3, "LSTM": 4}[c.op]
		for _, layout := range []int{0, 1} {
			for _, clip := range []float64{0, .3} {
				r := c
				r.attrs = append(kv("direction", "bidirectional", "layout", layout), c.attrs...)
				if clip > 0 {
					r.attrs = append(r.attrs, kv("clip", clip)...)
				}
				x := noise(1, 5, 3, 2)
				if layout == 1 {
					x = noise(1, 3, 5, 2)
				}
				r.in = ins(x, noise(2, 2, gates*4, 2), noise(3, 2, gates*4, 4), noise(4, 2, gates*8), tensor.Vector[int32](0, 5, 3))
				out := evalRow(t, r)
				r.want = out
				r.checkExpand(t)
			}
		}
	}
}

// evalRow returns what a row's kernel computes.
func evalRow(t *testing.T, r row) []tensor.Any {
	t.Helper()
	g := ir.New("eval")
	b := op.NewBuilder(g, Set())
	feed := map[*ir.Value]tensor.Any{}
	out, err := r.build(b, feed, r.in)
	if err != nil {
		t.Fatal(err)
	}
	g.Outputs = out
	vals, err := Set().EvalGraph(context.Background(), g, feed, op.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	res := make([]tensor.Any, len(out))
	for i, v := range out {
		res[i] = vals[v.ID]
	}
	return res
}
