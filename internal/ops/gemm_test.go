package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestGemm(t *testing.T) {
	a := f32([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	at := f32([]float32{1, 4, 2, 5, 3, 6}, 3, 2)
	b := f32([]float32{1, -1, 2, 0, .5, 3}, 3, 2)
	bt := f32([]float32{1, 2, .5, -1, 0, 3}, 2, 3)
	nan := float32(math.NaN())
	attrs := func(kv ...any) []ir.Attr {
		var out []ir.Attr
		for i := 0; i < len(kv); i += 2 {
			out = append(out, op.Attr(kv[i].(string), kv[i+1]))
		}
		return out
	}
	want := []tensor.Any{f32([]float32{6.5, 8, 17, 14}, 2, 2)}
	runRows(t, []row{
		{name: "plain", op: "Gemm", in: []tensor.Any{a, b}, want: want},
		{name: "transA", op: "Gemm", attrs: attrs("transA", 1), in: []tensor.Any{at, b}, want: want},
		{name: "transB", op: "Gemm", attrs: attrs("transB", 1), in: []tensor.Any{a, bt}, want: want},
		{name: "both", op: "Gemm", attrs: attrs("transA", 1, "transB", 1), in: []tensor.Any{at, bt}, want: want},
		{name: "row", op: "Gemm", in: []tensor.Any{a, b, f32([]float32{1, 2}, 2)}, want: []tensor.Any{f32([]float32{7.5, 10, 18, 16}, 2, 2)}},
		{name: "row of opset 7", op: "Gemm", opset: 7, in: []tensor.Any{a, b, f32([]float32{1, 2}, 1, 2)}, want: []tensor.Any{f32([]float32{7.5, 10, 18, 16}, 2, 2)}},
		{name: "column", op: "Gemm", attrs: attrs("alpha", 2.0, "beta", .5), in: []tensor.Any{a, b, f32([]float32{1, 2}, 2, 1)}, want: []tensor.Any{f32([]float32{13.5, 16.5, 35, 29}, 2, 2)}},
		{name: "scalar", op: "Gemm", attrs: attrs("transA", 1, "alpha", -1.0), in: []tensor.Any{at, b, f32([]float32{1})}, want: []tensor.Any{f32([]float32{-5.5, -7, -16, -13}, 2, 2)}},
		{name: "matrix", op: "Gemm", attrs: attrs("transB", 1, "beta", 3.0), in: []tensor.Any{a, bt, f32([]float32{1, 2, 3, 4}, 2, 2)}, want: []tensor.Any{f32([]float32{9.5, 14, 26, 26}, 2, 2)}},
		{name: "beta 0 does not read C", op: "Gemm", attrs: attrs("beta", 0.0), in: []tensor.Any{a, b, f32([]float32{nan}, 1)}, want: want},
		{name: "one row", op: "Gemm", attrs: attrs("transB", 1), in: []tensor.Any{f32([]float32{1, 2, 3}, 1, 3), bt, f32([]float32{1, 2}, 2)}, want: []tensor.Any{f32([]float32{7.5, 10}, 1, 2)}},
		{name: "integers", op: "Gemm", attrs: attrs("alpha", -2.0), in: []tensor.Any{i64([]int64{1, 2}, 1, 2), i64([]int64{3, 4}, 2, 1)}, want: []tensor.Any{i64([]int64{-22}, 1, 1)}},
		{name: "integers halved", op: "Gemm", attrs: attrs("alpha", .5), in: []tensor.Any{i64([]int64{1, 2}, 1, 2), i64([]int64{3, 4}, 2, 1)}, err: "integral"},
		{name: "nothing to sum", op: "Gemm", in: []tensor.Any{f32(nil, 1, 0), f32(nil, 0, 2), f32([]float32{1, 2}, 2)}, want: []tensor.Any{f32([]float32{1, 2}, 1, 2)}},
		{name: "C missing before opset 11", op: "Gemm", opset: 9, in: []tensor.Any{a, b}, err: "C) is missing"},
		{name: "rank", op: "Gemm", in: []tensor.Any{f32([]float32{1}, 1), b}, err: "expected a matrix"},
		{name: "inner sizes", op: "Gemm", attrs: attrs("transA", 1), in: []tensor.Any{a, b}, err: "2 columns, 3 rows"},
		{name: "C too large", op: "Gemm", in: []tensor.Any{a, b, ramp(3, 2)}, err: "does not broadcast"},
		{name: "C of three axes", op: "Gemm", in: []tensor.Any{a, b, ramp(1, 2, 2)}, err: "does not broadcast"},
	})
}
