package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opGemm is Y = alpha*A'*B' + beta*C, where ' transposes on demand and C broadcasts to [M,N]. C is
// not read where beta is 0. Integers wrap around and take integral alpha and beta only.
// dA' = alpha*dY*B'ᵀ, dB' = alpha*A'ᵀ*dY, dC = beta*dY summed over broadcast axes.
var opGemm = &op.Def{
	Name: "Gemm", Since: 13,
	Doc: "alpha*A*B + beta*C of matrices, A and B transposed on demand, C broadcast.",
	In: []op.Param{op.In("A", "T", op.Differentiable), op.In("B", "T", op.Differentiable),
		op.Opt("C", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Float("alpha", 1), op.Float("beta", 1), op.Int("transA", 0), op.Int("transB", 0)},
	Infer: inferGemm,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindGemm[float32], tensor.Float64: bindGemm[float64],
		tensor.Int32: bindGemm[int32], tensor.Int64: bindGemm[int64],
		tensor.Uint32: bindGemm[uint32], tensor.Uint64: bindGemm[uint64],
	}),
	Grad: gradGemm,
	Old: []op.Version{
		{Since: 11, Types: op.Types{"T": productTypes9}},
		{Since: 9, In: gemmIn7, Types: op.Types{"T": productTypes9}},
		{Since: 7, In: gemmIn7, Types: op.Types{"T": op.FloatsIEEE}},
	},
}

// gemmIn7 are the inputs before opset 11, when C was required.
var gemmIn7 = []op.Param{op.In("A", "T", op.Differentiable), op.In("B", "T", op.Differentiable), op.In("C", "T", op.Differentiable)}

func inferGemm(n *op.Node) error {
	if t := n.In(0).DType; t.IsInt() && (!integral(n.Float("alpha")) || !integral(n.Float("beta"))) {
		return op.Unsupportedf("Gemm of %v with alpha %v and beta %v: integers need integral ones", t, n.Float("alpha"), n.Float("beta"))
	}
	a, b := n.In(0), n.In(1)
	for i, f := range []ir.Fact{a, b} {
		if f.Ranked && f.Rank() != 2 {
			return op.Shapef("input %d is %v, expected a matrix", i, f)
		}
	}
	m, ka := matrixDims(a, n.Bool("transA"))
	kb, cols := matrixDims(b, n.Bool("transB"))
	if ka.Differ(kb) {
		return op.Shapef("%v times %v (transA %v, transB %v): %v columns, %v rows", a, b, n.Bool("transA"), n.Bool("transB"), ka, kb)
	}
	y := ir.Shape{m, cols}
	if c := n.In(2); n.HasIn(2) && c.Ranked {
		s, _, err := op.Broadcast(ir.Fact{Ranked: true, Shape: y}, c)
		if err != nil || len(s) != 2 || differs(s, y) {
			return op.Shapef("C is %v, which does not broadcast to %v", c, y)
		}
	}
	n.SetShape(0, y)
	return nil
}

func integral(f float32) bool {
	return math.Abs(float64(f)) < 1<<24 && float64(f) == math.Trunc(float64(f))
}

// differs reports whether two shapes of one rank are provably different.
func differs(s, t ir.Shape) bool {
	for i := range s {
		if s[i].Differ(t[i]) {
			return true
		}
	}
	return false
}

// matrixDims returns the rows and columns of a matrix that may be used transposed.
func matrixDims(f ir.Fact, transposed bool) (rows, cols ir.Dim) {
	if !f.Ranked {
		return ir.Unknown, ir.Unknown
	}
	if transposed {
		return f.Shape[1], f.Shape[0]
	}
	return f.Shape[0], f.Shape[1]
}

func matrixStrides(s tensor.Shape, transposed bool) kernel.Strides {
	if transposed {
		return kernel.Strides{Row: 1, Col: s[1]}
	}
	return kernel.Strides{Row: s[1], Col: 1}
}

func bindGemm[T tensor.Number](n *op.Node) (op.Kernel, error) {
	a, b, y := n.InShape(0), n.InShape(1), n.OutShape(0)
	p := kernel.Product{M: y[0], N: y[1], K: a[1], C: y[1]}
	if n.Bool("transA") {
		p.K = a[0]
	}
	p.A, p.B = matrixStrides(a, n.Bool("transA")), matrixStrides(b, n.Bool("transB"))
	alpha, beta := scale[T](n.Float("alpha")), scale[T](n.Float("beta"))
	hasC := n.HasIn(2) && beta != 0
	if hasC {
		c := n.InShape(2)
		if r := len(c); r > 0 && c[r-1] != 1 {
			p.D.Col = 1
		}
		if len(c) == 2 && c[0] != 1 {
			p.D.Row = c[1]
		}
	}
	g := kernel.NewGemm[T](p)
	return func(c *op.Call) error {
		x := kernel.Operands[T]{C: op.Result[T](c, 0), A: op.Arg[T](c, 0), B: op.Arg[T](c, 1), Alpha: alpha, Beta: beta}
		if hasC {
			x.D = op.Arg[T](c, 2)
		}
		g.Run(c.Pool, x)
		return nil
	}, nil
}

// scale converts alpha or beta; integers get integral ones, negative ones wrapped around.
func scale[T tensor.Number](f float32) T {
	if integral(f) {
		return T(int64(f))
	}
	return T(f)
}

func gradGemm(g *op.Grad) {
	a, b, dy := g.In(0), g.In(1), g.DOut(0)
	ta, tb := g.Node.Bool("transA"), g.Node.Bool("transB")
	gemm := func(x, y *ir.Value, tx, ty bool) *ir.Value {
		return g.Emit(1, "Gemm", []*ir.Value{x, y}, op.Attr("alpha", float64(g.Node.Float("alpha"))), op.Attr("transA", tx), op.Attr("transB", ty))[0]
	}
	if g.Need(0) {
		if ta {
			g.Set(0, gemm(b, dy, tb, true))
		} else {
			g.Set(0, gemm(dy, b, false, !tb))
		}
	}
	if g.Need(1) {
		if tb {
			g.Set(1, gemm(dy, a, true, ta))
		} else {
			g.Set(1, gemm(a, dy, !ta, false))
		}
	}
	if g.Need(2) {
		if beta := g.Node.Float("beta"); beta != 1 {
			dy = g.Scale(dy, float64(beta))
		}
		g.SetBroadcast(2, dy)
	}
}
