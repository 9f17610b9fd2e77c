package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opGlobalAveragePool is the mean over all axes but the first two, which stay with size 1: ReduceMean.
var opGlobalAveragePool = &op.Def{
	Name: "GlobalAveragePool", Since: 22,
	Doc:   "Mean of all spatial elements.",
	In:    inT("X"),
	Out:   []op.Param{op.Out("Y", "T")},
	Types: op.Types{"T": op.Floats},
	Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
		return []*ir.Value{b.Reduce("ReduceMean", n.Node.In[0], true, spatialAxes(b, n)...)}
	},
	Old: []op.Version{{Since: 1, Types: op.Types{"T": op.FloatsIEEE}}},
}
