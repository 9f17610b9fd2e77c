package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opAveragePool is the mean of the elements under a sliding window. Padding counts as zeros with
// count_include_pad and else not at all; what ceil_mode adds beyond it never counts.
// dx sums dy/count over the windows that an element lies under.
var opAveragePool = &op.Def{
	Name: "AveragePool", Since: 22,
	Doc:   "Mean under a sliding window.",
	In:    inT("X"),
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: attrList(poolAttrs, poolPad, poolCeil, poolDilation),
	Infer: inferPool,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindPool(foldMean[float32]), tensor.Float64: bindPool(foldMean[float64]),
	}),
	Grad: gradAveragePool,
	Old: []op.Version{
		{Since: 19, Types: op.Types{"T": op.FloatsIEEE}},
		{Since: 11, Types: op.Types{"T": op.FloatsIEEE}, Attrs: attrList(poolAttrs, poolPad, poolCeil)},
		{Since: 10, Types: op.Types{"T": op.FloatsIEEE}, Attrs: attrList(poolAttrs, poolPad, poolCeil)},
		{Since: 7, Types: op.Types{"T": op.FloatsIEEE}, Attrs: attrList(poolAttrs, poolPad)},
		{Since: 1, Types: op.Types{"T": op.FloatsIEEE}, Attrs: poolAttrs},
	},
}

var poolPad = []op.AttrDef{op.Int("count_include_pad", 0)}

func foldMean[T tensor.Float](n *op.Node, w *kernel.Window, end []int) kernel.PoolFold[T] {
	return kernel.PoolMean[T](poolCounts(n, w, end))
}

// poolCounts returns what the sum at each position is divided by.
func poolCounts(n *op.Node, w *kernel.Window, end []int) []int {
	if !n.Bool("count_include_pad") {
		end = nil
	}
	return w.Counts(end)
}

func gradAveragePool(g *op.Grad) {
	w, end, ok := gradPoolWindow(g)
	if !ok {
		return
	}
	counts := poolCounts(g.Node, &w, end)
	c := tensor.Zeros[float32](append([]int{1, 1}, w.Out...)...)
	for i, n := range counts {
		c.Data()[i] = float32(n)
	}
	d := g.Div(g.DOut(0), g.Cast(g.Const(c), g.In(0).Fact.DType))
	g.Set(0, spreadPool(g, d, w))
}
