package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opIsNaN is whether x is no number. The gradient is zero.
var opIsNaN = &op.Def{
	Name: "IsNaN", Since: 20, On: "T1",
	Doc:   "Whether x is no number.",
	In:    []op.Param{op.In("X", "T1", op.Zero)},
	Out:   []op.Param{op.Out("Y", "T2")},
	Types: op.Types{"T2": boolOnly},
	Infer: op.InferSame,
	Kernels: op.Kernels{
		tensor.Float32: unaryTo(kernel.IsNaN[float32]), tensor.Float64: unaryTo(kernel.IsNaN[float64]),
		// Numbers with an infinity are NaN where their bits without the sign are above those of infinity.
		tensor.Float16:    unaryTo(kernel.MaskedAbove[tensor.Half](0x7fff, 0x7c00)),
		tensor.BFloat16:   unaryTo(kernel.MaskedAbove[tensor.BHalf](0x7fff, 0x7f80)),
		tensor.Float8E5M2: unaryTo(kernel.MaskedAbove[tensor.F8E5M2](0x7f, 0x7c)),
		// The others have one pattern, with either sign or in the place of -0.
		tensor.Float8E4M3FN:   unaryTo(kernel.MaskedAbove[tensor.F8E4M3FN](0x7f, 0x7e)),
		tensor.Float8E4M3FNUZ: unaryTo(kernel.MaskedIs[tensor.F8E4M3FNUZ](0xff, 0x80)),
		tensor.Float8E5M2FNUZ: unaryTo(kernel.MaskedIs[tensor.F8E5M2FNUZ](0xff, 0x80)),
	},
	Old: []op.Version{
		{Since: 13, Types: op.Types{"T1": op.Floats}},
		{Since: 9, Types: op.Types{"T1": op.FloatsIEEE}},
	},
}
