package ops

import (
	"context"
	"fmt"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestEinsum(t *testing.T) {
	eq := func(s string) []ir.Attr { return attrs(at("equation", s)) }
	a := f32([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	b := f32([]float32{1, 0, 2, -1, 3, 1}, 3, 2)
	sq := f32([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3)
	v3 := f32([]float32{1, 2, 3}, 3)
	runRows(t, []row{
		{name: "matrix product", op: "Einsum", attrs: eq("ij,jk->ik"), in: ins(a, b), want: ins(f32([]float32{14, 1, 32, 1}, 2, 2))},
		{name: "implicit", op: "Einsum", attrs: eq(" ij , jk "), in: ins(a, b), want: ins(f32([]float32{14, 1, 32, 1}, 2, 2))},
		{name: "implicit order", op: "Einsum", attrs: eq("ba"), in: ins(a), want: ins(f32([]float32{1, 4, 2, 5, 3, 6}, 3, 2))},
		{name: "capitals first", op: "Einsum", attrs: eq("aB"), in: ins(a), want: ins(f32([]float32{1, 4, 2, 5, 3, 6}, 3, 2))},
		{name: "transposed product", op: "Einsum", opset: 12, attrs: eq("ij,jk->ki"), in: ins(a, b), want: ins(f32([]float32{14, 32, 1, 1}, 2, 2))},
		{name: "sum", op: "Einsum", attrs: eq("ij->"), in: ins(a), want: ins(tensor.Scalar[float32](21))},
		{name: "row sums", op: "Einsum", attrs: eq("ij->i"), in: ins(a), want: ins(f32([]float32{6, 15}, 2))},
		{name: "trace", op: "Einsum", attrs: eq("ii"), in: ins(sq), want: ins(tensor.Scalar[float32](15))},
		{name: "diagonal", op: "Einsum", attrs: eq("ii->i"), in: ins(sq), want: ins(f32([]float32{1, 5, 9}, 3))},
		{name: "batch diagonal", op: "Einsum", attrs: eq("...ii->...i"), in: ins(f32([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2)), want: ins(f32([]float32{1, 4, 5, 8}, 2, 2))},
		{name: "inner", op: "Einsum", attrs: eq("i,i"), in: ins(v3, v3), want: ins(tensor.Scalar[float32](14))},
		{name: "outer", op: "Einsum", attrs: eq("i,j->ji"), in: ins(v3, f32([]float32{1, -1}, 2)), want: ins(f32([]float32{1, 2, 3, -1, -2, -3}, 2, 3))},
		{name: "elements", op: "Einsum", attrs: eq("ij,ij->ij"), in: ins(a, a), want: ins(f32([]float32{1, 4, 9, 16, 25, 36}, 2, 3))},
		{name: "row times", op: "Einsum", attrs: eq("ij,j->ij"), in: ins(a, v3), want: ins(f32([]float32{1, 4, 9, 4, 10, 18}, 2, 3))},
		{name: "two inner", op: "Einsum", attrs: eq("ij,ji"), in: ins(a, b), want: ins(tensor.Scalar[float32](15))},
		{name: "one broadcasts", op: "Einsum", attrs: eq("ij,jk->ik"), in: ins(f32([]float32{2, 3}, 2, 1), b), want: ins(f32([]float32{12, 0, 18, 0}, 2, 2))},
		{name: "three", op: "Einsum", attrs: eq("ij,jk,k->i"), in: ins(a, b, f32([]float32{1, 2}, 2)), want: ins(f32([]float32{16, 34}, 2))},
		{name: "lone sum", op: "Einsum", attrs: eq("ij,k->i"), in: ins(a, f32([]float32{1, 2}, 2)), want: ins(f32([]float32{18, 45}, 2))},
		{name: "scalars", op: "Einsum", attrs: eq(",->"), in: ins(tensor.Scalar[float32](2), tensor.Scalar[float32](3)), want: ins(tensor.Scalar[float32](6))},
		{name: "empty", op: "Einsum", attrs: eq("ij,jk->ik"), in: ins(f32(nil, 2, 0), f32(nil, 0, 2)), want: ins(f32([]float32{0, 0, 0, 0}, 2, 2))},
		{name: "wrapping bytes", op: "Einsum", attrs: eq("i,i"), in: ins(tensor.Vector[uint8](100, 3), tensor.Vector[uint8](3, 2)), want: ins(tensor.Scalar[uint8](50))},
		{name: "ellipsis", op: "Einsum", attrs: eq("...ij,...jk->...ik"), in: ins(f32([]float32{1, 2, 3, 4, 5, 6}, 1, 2, 3), f32([]float32{1, 0, 2, -1, 3, 1}, 1, 3, 2)), want: ins(f32([]float32{14, 1, 32, 1}, 1, 2, 2))},
		{name: "terms", op: "Einsum", attrs: eq("i,j"), in: ins(v3), err: "2 terms for 1 inputs"},
		{name: "rank", op: "Einsum", attrs: eq("ij"), in: ins(v3), err: "names 2 axes"},
		{name: "sizes", op: "Einsum", attrs: eq("i,i"), in: ins(v3, f32([]float32{1, 2}, 2)), err: "axis i is 3"},
		{name: "repeated output", op: "Einsum", attrs: eq("i->ii"), in: ins(v3), err: "twice"},
		{name: "unknown output", op: "Einsum", attrs: eq("i->j"), in: ins(v3), err: "no input names"},
		{name: "ellipses differ", op: "Einsum", attrs: eq("...i,...i->..."), in: ins(a, v3), err: "stands for 0 axes"},
		{name: "ellipsis lost", op: "Einsum", attrs: eq("...i->i"), in: ins(a), err: "output has none"},
		{name: "letter", op: "Einsum", attrs: eq("i1"), in: ins(a), err: "expected letters"},
		{name: "two ellipses", op: "Einsum", attrs: eq("......"), in: ins(f32(nil, 0, 1, 1, 1, 1)), err: "at most one"},
		{name: "short for the ellipsis", op: "Einsum", attrs: eq("...ijk"), in: ins(a), err: "names 3 axes"},
		{name: "diagonal sizes", op: "Einsum", attrs: eq("ii"), in: ins(a), err: "different sizes"},
	})
}

// TestEinsumAttention holds a batched product of several axes with a symbolic batch against loops.
func TestEinsumAttention(t *testing.T) {
	for _, batch := range []int{0, 1, 2} {
		t.Run(fmt.Sprint(batch), func(t *testing.T) { einsumAttention(t, batch) })
	}
}

func einsumAttention(t *testing.T, batch int) {
	const q, k, h, d = 3, 4, 2, 5
	g := ir.New("attention")
	b := op.NewBuilder(g, Set())
	dims := func(n int) []ir.Dim { return []ir.Dim{ir.Sym("batch"), ir.Known(n), ir.Known(h), ir.Known(d)} }
	x := g.AddInput("x", ir.Typed(tensor.Float32, dims(q)...))
	y := g.AddInput("y", ir.Typed(tensor.Float32, dims(k)...))
	z := b.Emit(1, "Einsum", []*ir.Value{x, y}, op.Attr("equation", "bqhd,bkhd->bhqk"))[0]
	w := b.Emit(1, "Einsum", []*ir.Value{z, y}, op.Attr("equation", "bhqk,bkhd->bq"))[0]
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	if want := "f32[batch,2,3,4]"; z.Fact.String() != want {
		t.Errorf("inferred %v, want %v", z.Fact, want)
	}
	if want := "f32[batch,3]"; w.Fact.String() != want {
		t.Errorf("inferred %v, want %v", w.Fact, want)
	}
	fill := func(n int) *tensor.Tensor[float32] {
		t := tensor.Zeros[float32](batch, n, h, d)
		for i := range t.Data() {
			t.Data()[i] = float32(i*7%11) - 5
		}
		return t
	}
	xs, ys := fill(q), fill(k)
	want, sum := tensor.Zeros[float32](batch, h, q, k), tensor.Zeros[float32](batch, q)
	i := 0
	for bi := range batch {
		for hi := range h {
			for qi := range q {
				for ki := range k {
					for di := range d {
						want.Data()[i] += xs.At(bi, qi, hi, di) * ys.At(bi, ki, hi, di)
					}
					for di := range d {
						sum.Data()[bi*q+qi] += want.Data()[i] * ys.At(bi, ki, hi, di)
					}
					i++
				}
			}
		}
	}
	g.Outputs = []*ir.Value{z, w}
	vals, err := Set().EvalGraph(context.Background(), g, map[*ir.Value]tensor.Any{x: xs, y: ys}, op.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	sameTensor(t, "scores", vals[z.ID], want, 1e-6)
	sameTensor(t, "sums", vals[w.ID], sum, 1e-6)
}
