package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opBinarizer is 1 where x > threshold, else 0.
var opBinarizer = &op.Def{
	Domain: domainML, Name: "Binarizer", Since: 1,
	Doc:   "1 where x > threshold, else 0.",
	In:    []op.Param{op.In("X", "T", op.Zero)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Float("threshold", 0)},
	Types: op.Types{"T": mlNumbers},
	Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
		x, limit := n.Node.In[0], float64(n.Float("threshold"))
		if x.Fact.DType.IsInt() {
			limit = math.Floor(limit) // an integer is greater just where it is greater than this
			most := math.Ldexp(1, x.Fact.DType.Bits()-1)
			if !(limit >= -most && limit < most) {
				b.Fail(op.Unsupportedf("threshold %g is out of the range of %v", limit, x.Fact.DType))
				return []*ir.Value{x}
			}
		}
		return []*ir.Value{b.Cast(b.Op("Greater", x, b.Scalar(x, limit)), x.Fact.DType)}
	},
}
