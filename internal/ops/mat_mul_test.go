package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestMatMul(t *testing.T) {
	a23 := f32([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	b32 := f32([]float32{1, -1, 2, 0, .5, 3}, 3, 2)
	v3 := f32([]float32{1, 2, 3}, 3)
	runRows(t, []row{
		{name: "matrices", op: "MatMul", in: []tensor.Any{a23, b32}, want: []tensor.Any{f32([]float32{6.5, 8, 17, 14}, 2, 2)}},
		{name: "opset 1", op: "MatMul", opset: 7, in: []tensor.Any{a23, b32}, want: []tensor.Any{f32([]float32{6.5, 8, 17, 14}, 2, 2)}},
		{name: "matrix vector", op: "MatMul", in: []tensor.Any{a23, v3}, want: []tensor.Any{f32([]float32{14, 32}, 2)}},
		{name: "vector matrix", op: "MatMul", in: []tensor.Any{v3, b32}, want: []tensor.Any{f32([]float32{6.5, 8}, 2)}},
		{name: "vectors", op: "MatMul", in: []tensor.Any{v3, v3}, want: []tensor.Any{f32([]float32{14})}},
		{name: "batch times matrix", op: "MatMul", in: []tensor.Any{ramp(2, 2, 3), b32}, want: []tensor.Any{f32([]float32{3, 6, 13.5, 12, 24, 18, 34.5, 24}, 2, 2, 2)}},
		{name: "batch broadcast", op: "MatMul", in: []tensor.Any{ramp(2, 1, 1, 2), ramp(3, 2, 1)},
			want: []tensor.Any{f32([]float32{1, 3, 5, 3, 13, 23}, 2, 3, 1, 1)}},
		{name: "batch both", op: "MatMul", in: []tensor.Any{ramp(2, 2, 3), ramp(2, 3, 1)}, want: []tensor.Any{f32([]float32{5, 14, 86, 122}, 2, 2, 1)}},
		{name: "vector times batch", op: "MatMul", in: []tensor.Any{v3, ramp(2, 3, 2)}, want: []tensor.Any{f32([]float32{16, 22, 52, 58}, 2, 2)}},
		{name: "batch times vector", op: "MatMul", in: []tensor.Any{ramp(2, 2, 3), v3}, want: []tensor.Any{f32([]float32{8, 26, 44, 62}, 2, 2)}},
		{name: "integers wrap", op: "MatMul", in: []tensor.Any{i32([]int32{1 << 30, 1}, 1, 2), i32([]int32{4, 7}, 2, 1)}, want: []tensor.Any{i32([]int32{7}, 1, 1)}},
		{name: "integers of opset 7", op: "MatMul", opset: 8, in: []tensor.Any{i32([]int32{1}, 1, 1), i32([]int32{1}, 1, 1)}, err: "does not take"},
		{name: "nothing to sum", op: "MatMul", in: []tensor.Any{f32(nil, 2, 0), f32(nil, 0, 2)}, want: []tensor.Any{f32([]float32{0, 0, 0, 0}, 2, 2)}},
		{name: "no rows", op: "MatMul", in: []tensor.Any{f32(nil, 0, 3), b32}, want: []tensor.Any{f32(nil, 0, 2)}},
		{name: "empty batch", op: "MatMul", in: []tensor.Any{f32(nil, 0, 2, 3), f32(nil, 0, 3, 2)}, want: []tensor.Any{f32(nil, 0, 2, 2)}},
		{name: "scalar", op: "MatMul", in: []tensor.Any{f32([]float32{1}), v3}, err: "a scalar is no matrix"},
		{name: "inner sizes", op: "MatMul", in: []tensor.Any{a23, a23}, err: "3 columns, 2 rows"},
		{name: "batch sizes", op: "MatMul", in: []tensor.Any{ramp(2, 1, 3), ramp(3, 3, 1)}, err: "do not broadcast"},
	})
}

func TestMatMulSymbolic(t *testing.T) {
	g := ir.New("test")
	b := op.NewBuilder(g, Set())
	n := ir.Sym("n")
	x := g.AddInput("x", ir.Typed(tensor.Float32, n, ir.Known(5), ir.Known(3)))
	w := g.AddInput("w", ir.Typed(tensor.Float32, ir.Known(3), ir.Known(7)))
	if s := b.MatMul(x, w).Fact.String(); s != "f32[n,5,7]" || b.Err() != nil {
		t.Errorf("inferred %s, error %v", s, b.Err())
	}
}

// ramp returns 0, 1, 2, ... in a shape.
func ramp(shape ...int) tensor.Any {
	z := tensor.Zeros[float32](shape...)
	for i := range z.Data() {
		z.Data()[i] = float32(i)
	}
	return z
}
