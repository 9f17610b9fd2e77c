package ops

import (
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// BenchmarkMove measures operators that move elements, on one thread.
func BenchmarkMove(b *testing.B) {
	rows := make([]int64, 4096)
	wide := make([]int64, 4096*64)
	for i := range rows {
		rows[i] = int64(i*7919) % 10000
		for j := range 64 {
			wide[i*64+j] = rows[i]
		}
	}
	table, picked := tensor.Zeros[float32](10000, 64), tensor.Zeros[float32](4096, 64)
	square := tensor.Zeros[float32](512, 512)
	for _, c := range []struct {
		name  string
		op    string
		in    []tensor.Any
		attrs []ir.Attr
	}{
		{"Gather 4096 rows of 64", "Gather", ins(table, tensor.Vector(rows...)), nil},
		{"GatherElements", "GatherElements", ins(table, tensor.Must(wide, 4096, 64)), nil},
		{"ScatterElements add", "ScatterElements", ins(table, tensor.Must(wide, 4096, 64), picked), reduction("add")},
		{"Transpose 512x512", "Transpose", ins(square), nil},
		{"Transpose NCHW to NHWC", "Transpose", ins(tensor.Zeros[float32](4, 64, 32, 32)), attrs(at("perm", []int{0, 2, 3, 1}))},
		{"Expand rows", "Expand", ins(tensor.Zeros[float32](512, 1), tensor.Vector[int64](512, 512)), nil},
		{"Slice columns", "Slice", ins(square, tensor.Vector[int64](64), tensor.Vector[int64](448), tensor.Vector[int64](1)), nil},
		{"Cast to half", "Cast", ins(square), attrs(at("to", tensor.Float16))},
		{"Cast to float8", "Cast", ins(square), attrs(at("to", tensor.Float8E4M3FN))},
		{"RandomNormalLike", "RandomNormalLike", ins(square), nil},
		{"Dropout", "Dropout", ins(square, tensor.Scalar[float32](.5), tensor.Scalar(true)), nil},
		{"TopK 10 of 512", "TopK", ins(square, tensor.Vector[int64](10)), nil},
		{"Resize linear 2x", "Resize", ins(tensor.Zeros[float32](1, 16, 64, 64), nil, nil, tensor.Vector[int64](1, 16, 128, 128)), attrs(at("mode", "linear"))},
	} {
		b.Run(c.name, func(b *testing.B) {
			nout := min(2, len(Set().Lookup("", c.op).Out))
			k, call := boundCall(b, c.op, c.in, c.attrs, nout)
			bytes := 0
			for _, o := range call.Out {
				bytes += len(tensor.Bytes(o))
			}
			b.SetBytes(int64(bytes))
			for b.Loop() {
				if err := k(call); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// boundCall returns the kernel of a node whose later inputs are constant, with a call of it.
func boundCall(t testing.TB, name string, in []tensor.Any, attrs []ir.Attr, nout int) (op.Kernel, *op.Call) {
	t.Helper()
	n := &ir.Node{Name: "n", Op: name, Attrs: attrs}
	facts := make([]ir.Fact, len(in))
	for i, v := range in {
		if v == nil {
			n.In = append(n.In, nil)
			continue
		}
		n.In = append(n.In, &ir.Value{})
		facts[i] = ir.ConstFact(v)
	}
	facts[0] = facts[0].Like()
	for range nout {
		n.Out = append(n.Out, &ir.Value{})
	}
	r, err := Set().Resolve(n, facts)
	if err != nil {
		t.Fatal(err)
	}
	k, err := r.Bind()
	if err != nil {
		t.Fatal(err)
	}
	call := &op.Call{In: in, Scratch: make([]byte, r.ScratchSize())}
	for i := range n.Out {
		s, _ := r.Out(i).Static()
		o, err := tensor.Alloc(r.Out(i).DType, s)
		if err != nil {
			t.Fatal(err)
		}
		call.Out = append(call.Out, o)
	}
	return k, call
}
