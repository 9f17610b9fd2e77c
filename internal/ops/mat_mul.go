package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opMatMul is NumPy's matmul: matrix products over the last two axes, the axes before them broadcast.
// A vector on the left is a row, on the right a column, and the axis of size 1 that this adds does
// not appear in the output. Integers wrap around.
// dA = dY*Bᵀ, dB = Aᵀ*dY, summed over broadcast axes.
var opMatMul = &op.Def{
	Name: "MatMul", Since: 13,
	Doc:   "Matrix product over the last two axes, batched and broadcast over the others.",
	In:    []op.Param{op.In("A", "T", op.Differentiable), op.In("B", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Infer: inferMatMul,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindMatMul[float32], tensor.Float64: bindMatMul[float64],
		tensor.Int32: bindMatMul[int32], tensor.Int64: bindMatMul[int64],
		tensor.Uint32: bindMatMul[uint32], tensor.Uint64: bindMatMul[uint64],
	}),
	Grad: gradMatMul,
	Old: []op.Version{
		{Since: 9, Types: op.Types{"T": productTypes9}},
		{Since: 1, Types: op.Types{"T": op.FloatsIEEE}},
	},
}

// productTypes9 are the types of MatMul and Gemm from opset 9 to 12.
var productTypes9 = op.List(op.FloatsIEEE, []tensor.DType{tensor.Int32, tensor.Int64, tensor.Uint32, tensor.Uint64})

func inferMatMul(n *op.Node) error {
	s, ranked, err := matMulShape(n.In(0), n.In(1))
	if err != nil || !ranked {
		return err
	}
	n.SetShape(0, s)
	return nil
}

// matMulShape returns the shape of a product by NumPy's rules.
func matMulShape(a, b ir.Fact) (s ir.Shape, ranked bool, err error) {
	if !a.Ranked || !b.Ranked {
		return nil, false, nil
	}
	ra, rb := len(a.Shape), len(b.Shape)
	if ra == 0 || rb == 0 {
		return nil, false, op.Shapef("%v times %v: a scalar is no matrix", a, b)
	}
	ka, kb := a.Shape[ra-1], b.Shape[max(0, rb-2)]
	if ka.Differ(kb) {
		return nil, false, op.Shapef("%v times %v: %v columns, %v rows", a, b, ka, kb)
	}
	s, _, err = op.Broadcast(ir.Fact{Ranked: true, Shape: a.Shape[:max(0, ra-2)]}, ir.Fact{Ranked: true, Shape: b.Shape[:max(0, rb-2)]})
	if err != nil {
		return nil, false, op.Shapef("%v times %v: the axes before the last two do not broadcast", a, b)
	}
	if ra > 1 {
		s = append(s, a.Shape[ra-2])
	}
	if rb > 1 {
		s = append(s, b.Shape[rb-1])
	}
	return s, true, nil
}

// matMulProduct returns the geometry of a product of row-major operands. Where all products share
// one B, they are one product with more rows.
func matMulProduct(a, b tensor.Shape) kernel.Product {
	if len(a) == 1 {
		a = tensor.Shape{1, a[0]}
	}
	if len(b) == 1 {
		b = tensor.Shape{b[0], 1}
	}
	la, lb := a[:len(a)-2], b[:len(b)-2]
	m, k, n := a[len(a)-2], a[len(a)-1], b[len(b)-1]
	p := kernel.Product{M: m, N: n, K: k, A: kernel.Strides{Row: k, Col: 1}, B: kernel.Strides{Row: n, Col: 1}, C: n}
	if lb.Len() == 1 {
		p.M *= la.Len()
		return p
	}
	batch := make([]int, max(len(la), len(lb)))
	for i := range batch {
		batch[i] = 1
		for _, s := range [2]tensor.Shape{la, lb} {
			if j := i - (len(batch) - len(s)); j >= 0 && s[j] != 1 {
				batch[i] = s[j]
			}
		}
	}
	p.Batch = kernel.NewBatch(batch, la, lb, m*k, k*n, m*n)
	return p
}

func bindMatMul[T tensor.Number](n *op.Node) (op.Kernel, error) {
	return bindProduct[T](matMulProduct(n.InShape(0), n.InShape(1))), nil
}

func bindProduct[T tensor.Number](p kernel.Product) op.Kernel {
	g := kernel.NewGemm[T](p)
	return func(c *op.Call) error {
		g.Run(c.Pool, kernel.Operands[T]{C: op.Result[T](c, 0), A: op.Arg[T](c, 0), B: op.Arg[T](c, 1), Alpha: 1})
		return nil
	}
}

func gradMatMul(g *op.Grad) {
	a, b, dy := g.In(0), g.In(1), g.DOut(0)
	ra, rb := a.Fact.Rank(), b.Fact.Rank()
	if ra < 0 || rb < 0 {
		g.Fail(op.Shapef("the gradient of MatMul needs the ranks of its inputs, which are %v and %v", a.Fact, b.Fact))
		return
	}
	if rb == 1 {
		b, dy = g.Unsqueeze(b, 1), g.Unsqueeze(dy, -1)
	}
	if ra == 1 {
		a, dy = g.Unsqueeze(a, 0), g.Unsqueeze(dy, -2)
	}
	if g.Need(0) {
		d := g.SumTo(timesTransposed(g.Builder, dy, b), a)
		if ra == 1 {
			d = g.Squeeze(d, 0)
		}
		g.Set(0, d)
	}
	if g.Need(1) {
		d := transposedTimes(g.Builder, a, dy, b)
		if rb == 1 {
			d = g.Squeeze(d, -1)
		}
		g.Set(1, d)
	}
}

// timesTransposed returns x*yᵀ.
func timesTransposed(b *op.Builder, x, y *ir.Value) *ir.Value {
	if x.Fact.Rank() == 2 && y.Fact.Rank() == 2 {
		return b.Emit(1, "Gemm", []*ir.Value{x, y}, op.Attr("transB", 1))[0]
	}
	return b.MatMul(x, swapLast(b, y))
}

// transposedTimes returns xᵀ*y summed to the shape of like. Where like is one matrix, the batch is
// part of the sum that the product is.
func transposedTimes(b *op.Builder, x, y, like *ir.Value) *ir.Value {
	if like.Fact.Rank() > 2 {
		return b.SumTo(b.MatMul(swapLast(b, x), y), like)
	}
	return b.Emit(1, "Gemm", []*ir.Value{flatRows(b, x), flatRows(b, y)}, op.Attr("transA", 1))[0]
}

// flatRows gives x the shape [all but the last axis, last axis].
func flatRows(b *op.Builder, x *ir.Value) *ir.Value {
	if x.Fact.Rank() == 2 {
		return x
	}
	return b.OpA("Flatten", x, op.Attr("axis", -1))
}

// swapLast transposes the last two axes.
func swapLast(b *op.Builder, x *ir.Value) *ir.Value {
	perm := make([]int, x.Fact.Rank())
	for i := range perm {
		perm[i] = i
	}
	r := len(perm)
	perm[r-1], perm[r-2] = r-2, r-1
	return b.Transpose(x, perm...)
}
