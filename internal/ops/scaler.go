package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opScaler is y = (x - offset) * scale in float32, with one offset and scale for all or one for each
// feature. Doubles are computed in double.
var opScaler = &op.Def{
	Domain: domainML, Name: "Scaler", Since: 1,
	Doc:    "(x - offset) * scale.",
	In:     []op.Param{op.In("X", "T", op.Differentiable)},
	Out:    []op.Param{op.Out("Y", "float")},
	Attrs:  []op.AttrDef{op.May("offset", op.FloatsKind), op.May("scale", op.FloatsKind)},
	Types:  op.Types{"T": mlNumbers},
	Expand: expandScaler,
}

func expandScaler(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	if x.Fact.DType != tensor.Float64 {
		x = b.Cast(x, tensor.Float32)
	}
	for _, a := range []struct{ attr, op string }{{"offset", "Sub"}, {"scale", "Mul"}} {
		v := n.Floats(a.attr)
		if len(v) == 0 {
			continue
		}
		if err := checkFeatures(n, a.attr, len(v)); err != nil {
			b.Fail(err)
		}
		x = b.Op(a.op, x, b.Cast(featureValues(b, v), x.Fact.DType))
	}
	return []*ir.Value{b.Cast(x, tensor.Float32)}
}
