package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opLogSoftmax is y_i = x_i - ln(sum_j exp(x_j)) along an axis, computed from x - max(x).
// dx = dy - exp(y)*sum(dy).
var opLogSoftmax = &op.Def{
	Name: "LogSoftmax", Since: 13,
	Doc:   "ln of exp(x) / sum(exp(x)) along axis.",
	In:    []op.Param{op.In("input", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("output", "T")},
	Attrs: []op.AttrDef{op.Int("axis", -1)},
	Infer: inferSameWithAxis,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindAlongAxis(kernel.LogSoftmax32), tensor.Float64: bindAlongAxis(kernel.LogSoftmax[float64]),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		y, dy, axis := g.Out(0), g.DOut(0), g.Node.Int("axis")
		g.Set(0, g.Sub(dy, g.Mul(g.Op("Exp", y), g.Sum(dy, true, axis))))
	},
	Old: []op.Version{
		{Since: 11, Types: op.Types{"T": op.FloatsIEEE}, Attrs: []op.AttrDef{op.Int("axis", 1)}, Expand: expandFlat("LogSoftmax")},
		{Since: 1, Types: op.Types{"T": op.FloatsIEEE}, Attrs: []op.AttrDef{op.Int("axis", 1)}, Expand: expandFlat("LogSoftmax")},
	},
}
