package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opArrayFeatureExtractor picks the listed elements along the last axis. A vector is one row.
var opArrayFeatureExtractor = &op.Def{
	Domain: domainML, Name: "ArrayFeatureExtractor", Since: 1,
	Doc:   "The listed elements of the last axis.",
	In:    []op.Param{op.In("X", "T", op.Differentiable), op.In("Y", "int64", op.Zero)},
	Out:   []op.Param{op.Out("Z", "T")},
	Types: op.Types{"T": op.List(mlNumbers, []tensor.DType{tensor.String})},
	Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
		x := n.Node.In[0]
		if x.Fact.Rank() < 1 {
			b.Fail(op.Shapef("the input is %v, expected an axis to pick from", x.Fact))
			return []*ir.Value{x}
		}
		y := b.Gather(x, b.ReshapeTo(n.Node.In[1], -1), -1)
		if x.Fact.Rank() == 1 {
			y = b.Unsqueeze(y, 0)
		}
		return []*ir.Value{y}
	},
}
