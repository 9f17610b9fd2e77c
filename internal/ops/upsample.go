package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opUpsample is what Resize was before opset 10: axes made longer, nearest or linear.
var opUpsample = &op.Def{
	Name: "Upsample", Since: 9,
	Doc:   "The input made longer along its axes.",
	In:    []op.Param{op.In("X", "T", op.Differentiable), op.In("scales", "float", op.NoRule)},
	Out:   outT("Y"),
	Attrs: []op.AttrDef{op.Str("mode", "nearest")},
	Types: op.Types{"T": op.AllClassic},
	Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
		return emitUpsample(b, n, n.Node.In[1])
	},
	Old: []op.Version{{
		Since: 7, In: inT("X"), Attrs: []op.AttrDef{op.Str("mode", "nearest"), op.Need("scales", op.FloatsKind)},
		Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
			return emitUpsample(b, n, b.Const(tensor.Vector(n.Floats("scales")...)))
		},
	}},
}
