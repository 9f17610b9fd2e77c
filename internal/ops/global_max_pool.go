package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opGlobalMaxPool is the maximum over all axes but the first two, which stay with size 1: ReduceMax.
var opGlobalMaxPool = &op.Def{
	Name: "GlobalMaxPool", Since: 22,
	Doc:   "Greatest of all spatial elements.",
	In:    inT("X"),
	Out:   []op.Param{op.Out("Y", "T")},
	Types: op.Types{"T": op.Floats},
	Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
		return []*ir.Value{b.Reduce("ReduceMax", n.Node.In[0], true, spatialAxes(b, n)...)}
	},
	Old: []op.Version{{Since: 1, Types: op.Types{"T": op.FloatsIEEE}}},
}
