package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opLinearRegressor is y = X*W' + b, in float32, with W and b as attributes.
var opLinearRegressor = &op.Def{
	Domain: domainML, Name: "LinearRegressor", Since: 1,
	Doc: "X*W' + b.",
	In:  []op.Param{op.In("X", "T", op.Differentiable)},
	Out: []op.Param{op.Out("Y", "float")},
	Attrs: []op.AttrDef{
		op.May("coefficients", op.FloatsKind), op.May("intercepts", op.FloatsKind), op.Str("post_transform", "NONE"), op.Int("targets", 1),
	},
	Types: op.Types{"T": mlNumbers},
	Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
		return []*ir.Value{postTransform(b, n, linearScores(b, n, n.Int("targets")))}
	},
}
