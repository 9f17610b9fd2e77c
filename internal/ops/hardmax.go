package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opHardmax is 1 at the first greatest element along an axis, 0 elsewhere. The gradient is zero.
var opHardmax = &op.Def{
	Name: "Hardmax", Since: 13,
	Doc:   "1 at the first greatest element along axis, 0 elsewhere.",
	In:    []op.Param{op.In("input", "T", op.Zero)},
	Out:   []op.Param{op.Out("output", "T")},
	Attrs: []op.AttrDef{op.Int("axis", -1)},
	Infer: inferSameWithAxis,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindAlongAxis(kernel.Hardmax[float32]), tensor.Float64: bindAlongAxis(kernel.Hardmax[float64]),
	}),
	InPlace: []int{0},
	Old: []op.Version{
		{Since: 11, Types: op.Types{"T": op.FloatsIEEE}, Attrs: []op.AttrDef{op.Int("axis", 1)}, Expand: expandFlat("Hardmax")},
		{Since: 1, Types: op.Types{"T": op.FloatsIEEE}, Attrs: []op.AttrDef{op.Int("axis", 1)}, Expand: expandFlat("Hardmax")},
	},
}
