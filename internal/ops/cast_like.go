package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opCastLike is Cast to the type of its second input.
var opCastLike = &op.Def{
	Name: "CastLike", Since: 25,
	Doc:    "The first input as the type of the second.",
	In:     []op.Param{op.In("input", "T1", op.Differentiable), op.In("target_type", "T2", op.Zero)},
	Out:    []op.Param{op.Out("output", "T2")},
	Attrs:  []op.AttrDef{op.Str("round_mode", "up"), op.Int("saturate", 1)},
	Types:  castVersion(types25),
	Expand: expandCastLike,
	Old: []op.Version{
		{Since: 24, Types: castVersion(types24), Expand: expandCastLike},
		{Since: 23, Types: castVersion(types23), Attrs: []op.AttrDef{op.Int("saturate", 1)}, Expand: expandCastLike},
		{Since: 21, Types: castVersion(types21), Attrs: []op.AttrDef{op.Int("saturate", 1)}, Expand: expandCastLike},
		{Since: 19, Types: castVersion(types19), Attrs: []op.AttrDef{op.Int("saturate", 1)}, Expand: expandCastLike},
		{Since: 15, Types: castVersion(types13), Attrs: noAttrs, Expand: expandCastLike},
	},
}

func expandCastLike(b *op.Builder, n *op.Node) []*ir.Value {
	to := n.In(1).DType
	if to == tensor.Undefined {
		b.Fail(op.Unsupportedf("CastLike to a type that is not known"))
	}
	attrs := append([]ir.Attr{op.Attr("to", to)}, n.Attrs...)
	return []*ir.Value{b.OpA("Cast", n.Node.In[0], attrs...)}
}
