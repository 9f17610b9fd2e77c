package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opLpPool is the p-norm of the elements under a sliding window, (sum |x|^p)^(1/p). Padding is zeros.
// dx = sign(x) * |x|^(p-1) * y^(1-p) * dy, summed over the windows that an element lies under; 0 where
// y is.
var opLpPool = &op.Def{
	Name: "LpPool", Since: 22,
	Doc:   "p-norm under a sliding window.",
	In:    inT("X"),
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: attrList(poolAttrs, poolNorm, poolCeil, poolDilation),
	Infer: inferLpPool,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindPool(foldNorm[float32]), tensor.Float64: bindPool(foldNorm[float64]),
	}),
	Grad: gradLpPool,
	Old: []op.Version{
		{Since: 18, Types: op.Types{"T": op.FloatsIEEE}},
		{Since: 11, Types: op.Types{"T": op.FloatsIEEE}, Attrs: attrList(poolAttrs, poolNorm)},
		{Since: 2, Types: op.Types{"T": op.FloatsIEEE}, Attrs: attrList(poolAttrs, poolNorm)},
	},
}

var poolNorm = []op.AttrDef{op.Int("p", 2)}

func inferLpPool(n *op.Node) error {
	if p := n.Int("p"); p < 1 {
		return op.Unsupportedf("p is %d, at least 1 expected", p)
	}
	return inferPool(n)
}

func foldNorm[T tensor.Float](n *op.Node, _ *kernel.Window, _ []int) kernel.PoolFold[T] {
	return kernel.PoolNorm[T](n.Int("p"))
}

func gradLpPool(g *op.Grad) {
	w, _, ok := gradPoolWindow(g)
	if !ok {
		return
	}
	x, y, d, p := g.In(0), g.Out(0), g.DOut(0), g.Node.Int("p")
	slope := g.Op("Sign", x)
	if p > 1 {
		zero := g.Op("Equal", y, g.Scalar(y, 0))
		root := g.Op("Pow", g.Where(zero, g.Scalar(y, 1), y), g.Scalar(y, float64(1-p)))
		d = g.Where(zero, g.Scalar(y, 0), g.Mul(d, root))
		slope = g.Mul(slope, g.Op("Pow", g.Op("Abs", x), g.Scalar(x, float64(p-1))))
	}
	g.Set(0, g.Mul(slope, spreadPool(g, d, w)))
}
