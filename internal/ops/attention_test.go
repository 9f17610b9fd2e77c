package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestAttention(t *testing.T) {
	// Queries of zeros weigh all keys that they may see alike.
	q := func(n int) tensor.Any { return tensor.Zeros[float32](1, 1, n, 1) }
	k := f32([]float32{1, 2, 3}, 1, 1, 3, 1)
	v := f32([]float32{3, 6, 12}, 1, 1, 3, 1)
	y := func(d ...float32) tensor.Any { return f32(d, 1, 1, len(d), 1) }
	mask := bools([]bool{true, false, true, false, false, false}, 2, 3)
	flat := func(s int) tensor.Any { return noise(s, 2, 3, 8) }
	heads := kv("q_num_heads", 4, "kv_num_heads", 4)
	runRows(t, []row{
		{name: "all keys", op: "Attention", in: ins(q(2), k, v), want: ins(y(7, 7))},
		{name: "causal", op: "Attention", attrs: kv("is_causal", 1), in: ins(q(3), k, v), want: ins(y(3, 4.5, 7))},
		{name: "causal, opset 23", op: "Attention", opset: 23, attrs: kv("is_causal", 1), in: ins(q(3), k, v), want: ins(y(3, 4.5, 7))},
		{name: "mask, a row without keys", op: "Attention", in: ins(q(2), k, v, mask), want: ins(y(7.5, 0)), nograd: true},
		{name: "short mask", op: "Attention", in: ins(q(2), k, v, bools([]bool{true, true, false, true}, 2, 2)), want: ins(y(4.5, 6)), nograd: true},
		{name: "window", op: "Attention", attrs: kv("left_window_size", 1, "right_window_size", 0), in: ins(q(3), k, v), want: ins(y(3, 4.5, 9))},
		{name: "past", op: "Attention", nout: 3, attrs: kv("is_causal", 1), in: ins(q(1), y(3), y(12), nil, y(1, 2), y(3, 6)), want: ins(y(7), k, v)},
		{name: "lengths", op: "Attention", opset: 24, in: ins(q(1), k, v, nil, nil, nil, tensor.Vector[int64](2)), want: ins(y(4.5))},
		{name: "product", op: "Attention", nout: 4, attrs: kv("scale", 2.), in: ins(y(1, 2), k, v), want: ins(nil, nil, nil, f32([]float32{2, 4, 6, 4, 8, 12}, 1, 1, 2, 3))},
		{name: "no samples", op: "Attention", in: ins(f32(nil, 0, 1, 2, 1), f32(nil, 0, 1, 3, 1), f32(nil, 0, 1, 3, 1)), want: ins(f32(nil, 0, 1, 2, 1))},

		{name: "heads", op: "Attention", nout: 4, attrs: heads, in: ins(flat(1), flat(2), flat(3), noise(4, 2, 1, 3, 3))},
		{name: "groups", op: "Attention", attrs: kv("q_num_heads", 4, "kv_num_heads", 2, "is_causal", 1), in: ins(flat(1), noise(2, 2, 3, 4), noise(3, 2, 3, 4))},
		{name: "soft cap", op: "Attention", nout: 4, attrs: append(kv("softcap", .5, "qk_matmul_output_mode", 2), heads...), in: ins(flat(1), flat(2), flat(3), noise(4, 3, 3))},
		{name: "gradient with masked rows", op: "Attention", attrs: kv("left_window_size", 0, "right_window_size", 0), in: ins(noise(1, 1, 2, 4, 2), noise(2, 1, 2, 3, 2), noise(3, 1, 2, 3, 2))},

		{name: "no heads", op: "Attention", in: ins(flat(1), flat(2), flat(3)), err: "q_num_heads"},
		{name: "indivisible", op: "Attention", attrs: kv("q_num_heads", 3, "kv_num_heads", 4), in: ins(flat(1), flat(2), flat(3)), err: "3 heads"},
		{name: "ranks", op: "Attention", attrs: heads, in: ins(q(1), flat(2), flat(3)), err: "rank"},
		{name: "half a cache", op: "Attention", in: ins(q(1), k, v, nil, k), err: "past_key and past_value"},
		{name: "groups of heads", op: "Attention", in: ins(noise(1, 1, 3, 2, 2), noise(2, 1, 2, 2, 2), noise(3, 1, 2, 2, 2)), err: "3 query heads"},
		{name: "mode", op: "Attention", attrs: kv("qk_matmul_output_mode", 4), in: ins(q(1), k, v), err: "mode is 4"},
	})
}

func TestRotaryEmbedding(t *testing.T) {
	x := f32([]float32{1, 2, 3, 4}, 1, 1, 1, 4)
	zero, one := f32([]float32{0, 1}, 1, 1, 2), f32([]float32{1, 0}, 1, 1, 2)
	ids := i64([]int64{1}, 1, 1)
	table := func(a, b float32) tensor.Any { return f32([]float32{9, 9, a, b}, 2, 2) }
	runRows(t, []row{
		{name: "halves", op: "RotaryEmbedding", in: ins(x, zero, one), want: ins(f32([]float32{-3, 2, 1, 4}, 1, 1, 1, 4))},
		{name: "neighbours", op: "RotaryEmbedding", attrs: kv("interleaved", 1), in: ins(x, zero, one), want: ins(f32([]float32{-2, 1, 3, 4}, 1, 1, 1, 4))},
		{name: "positions", op: "RotaryEmbedding", in: ins(x, table(0, 1), table(1, 0), ids), want: ins(f32([]float32{-3, 2, 1, 4}, 1, 1, 1, 4))},
		{name: "part", op: "RotaryEmbedding", attrs: kv("rotary_embedding_dim", 2), in: ins(x, f32([]float32{0}, 1, 1, 1), f32([]float32{1}, 1, 1, 1)), want: ins(f32([]float32{-2, 1, 3, 4}, 1, 1, 1, 4))},
		{name: "flat", op: "RotaryEmbedding", attrs: kv("num_heads", 2), in: ins(f32([]float32{1, 2, 3, 4}, 1, 1, 4), f32([]float32{0}, 1, 1, 1), f32([]float32{1}, 1, 1, 1)), want: ins(f32([]float32{-2, 1, -4, 3}, 1, 1, 4))},
		{name: "no heads", op: "RotaryEmbedding", in: ins(ramp(1, 1, 4), zero, one), err: "num_heads = 0"},
		{name: "odd", op: "RotaryEmbedding", attrs: kv("rotary_embedding_dim", 3), in: ins(x, zero, one), err: "rotary_embedding_dim 3"},
		{name: "cache", op: "RotaryEmbedding", in: ins(x, ramp(1, 1, 3), one), err: "cos_cache"},
		{name: "position", op: "RotaryEmbedding", in: ins(x, table(0, 1), table(1, 0), i64([]int64{2}, 1, 1)), err: "2"},
	})
}
