package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxDetGrad is the largest matrix whose determinant has a gradient: n^2 minors of (n-1)^2 elements
// are laid out for it, 1 million elements at 32.
const maxDetGrad = 32

// opDet is the determinant of the square matrices in the last two axes, computed in float64.
var opDet = &op.Def{
	Name: "Det", Since: 22,
	Doc: "Determinants of square matrices.",
	In:  inT("X"),
	Out: []op.Param{op.Out("Y", "T")},
	Infer: func(n *op.Node) error {
		x := n.In(0)
		if !x.Ranked {
			return nil
		}
		r := len(x.Shape)
		if r < 2 || knownOther(x.Shape[r-2], x.Shape[r-1]) {
			return op.Shapef("the input is %v, expected square matrices", x)
		}
		n.SetShape(0, x.Shape[:r-2])
		return nil
	},
	Kernels: op.Merge(op.Wide(), op.Kernels{tensor.Float32: bindDet[float32], tensor.Float64: bindDet[float64]}),
	Grad:    gradDet,
	Old:     []op.Version{{Since: 11, Types: op.Types{"T": op.FloatsIEEE}}},
}

func bindDet[T float32 | float64](n *op.Node) (op.Kernel, error) {
	s := n.InShape(0)
	size := s[len(s)-1]
	if s[len(s)-2] != size {
		return nil, op.Shapef("the input is %v, expected square matrices", s)
	}
	n.Scratch(8 * size * size)
	return func(c *op.Call) error {
		y, x, a := op.Result[T](c, 0), op.Arg[T](c, 0), op.Scratch[float64](c, size*size)
		for i := range y {
			for k, v := range x[i*size*size:][:size*size] {
				a[k] = float64(v)
			}
			y[i] = T(kernel.Determinant(a, size))
		}
		return nil
	}, nil
}

// gradDet gives dX[i,j] = dY (-1)^(i+j) det(X without row i and column j), which holds for singular
// matrices, too, where dY det(X) inverse(X)^T does not.
func gradDet(g *op.Grad) {
	x, dy := g.In(0), g.DOut(0)
	r := len(x.Fact.Shape)
	if r < 2 {
		g.Fail(op.Unsupportedf("no gradient of determinants of %v", x.Fact))
		return
	}
	n, ok := x.Fact.Shape[r-1].Int()
	if m, known := x.Fact.Shape[r-2].Int(); !ok && known {
		n, ok = m, true
	}
	switch {
	case !ok || n > maxDetGrad:
		g.Fail(op.Unsupportedf("no gradient of determinants of %v: sizes up to %d are expected", x.Fact, maxDetGrad))
		return
	case n <= 1:
		g.Set(0, g.Expand(g.Unsqueeze(dy, -2, -1), g.Shape(x)))
		return
	}
	rest, sign := make([]int64, 0, n*(n-1)), tensor.Zeros[float32](n, n)
	for i := range n {
		for j := range n {
			sign.Data()[i*n+j] = float32(1 - 2*((i+j)%2))
			if i != j {
				rest = append(rest, int64(j))
			}
		}
	}
	index, err := tensor.New(rest, n, n-1)
	if err != nil {
		g.Fail(err)
		return
	}
	perm := make([]int, r+2)
	for i := range perm {
		perm[i] = i
	}
	perm[r-1], perm[r] = r, r-1
	others := g.Const(index)
	minors := g.Gather(g.Gather(x, others, -2), others, -1) // ..., i, row, j, column
	cofactors := g.Mul(g.Op("Det", g.Transpose(minors, perm...)), g.Cast(g.Const(sign), x.Fact.DType))
	g.Set(0, g.Mul(g.Unsqueeze(dy, -2, -1), cofactors))
}
