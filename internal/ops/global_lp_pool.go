package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opGlobalLpPool is the p-norm over all axes but the first two, which stay with size 1.
var opGlobalLpPool = &op.Def{
	Name: "GlobalLpPool", Since: 22,
	Doc:    "p-norm of all spatial elements.",
	In:     inT("X"),
	Out:    []op.Param{op.Out("Y", "T")},
	Attrs:  poolNorm,
	Types:  op.Types{"T": op.Floats},
	Expand: expandGlobalLpPool,
	Old:    []op.Version{{Since: 2, Types: op.Types{"T": op.FloatsIEEE}}},
}

func expandGlobalLpPool(b *op.Builder, n *op.Node) []*ir.Value {
	x, p, axes := n.Node.In[0], n.Int("p"), spatialAxes(b, n)
	switch {
	case p < 1:
		b.Fail(op.Unsupportedf("p is %d, at least 1 expected", p))
	case p == 1:
		return []*ir.Value{b.Reduce("ReduceL1", x, true, axes...)}
	case p == 2:
		return []*ir.Value{b.Reduce("ReduceL2", x, true, axes...)}
	}
	sum := b.Sum(b.Op("Pow", b.Op("Abs", x), b.Scalar(x, float64(p))), true, axes...)
	return []*ir.Value{b.Op("Pow", sum, b.Scalar(x, 1/float64(p)))}
}
