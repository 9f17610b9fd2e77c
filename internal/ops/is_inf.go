package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opIsInf is whether x is infinite, of the signs that the attributes ask for. The gradient is zero.
var opIsInf = &op.Def{
	Name: "IsInf", Since: 20, On: "T1",
	Doc:   "Whether x is infinite.",
	In:    []op.Param{op.In("X", "T1", op.Zero)},
	Out:   []op.Param{op.Out("Y", "T2")},
	Attrs: []op.AttrDef{op.Int("detect_negative", 1), op.Int("detect_positive", 1)},
	Types: op.Types{"T2": boolOnly},
	Infer: op.InferSame,
	Kernels: op.Kernels{
		tensor.Float32: isInf[float32](), tensor.Float64: isInf[float64](),
		tensor.Float16:    isInfBits[tensor.Half](0x8000, 0x7c00),
		tensor.BFloat16:   isInfBits[tensor.BHalf](0x8000, 0x7f80),
		tensor.Float8E5M2: isInfBits[tensor.F8E5M2](0x80, 0x7c),
		// These have no infinity.
		tensor.Float8E4M3FN:   unaryTo(kernel.Never[tensor.F8E4M3FN]),
		tensor.Float8E4M3FNUZ: unaryTo(kernel.Never[tensor.F8E4M3FNUZ]),
		tensor.Float8E5M2FNUZ: unaryTo(kernel.Never[tensor.F8E5M2FNUZ]),
	},
	Old: []op.Version{{Since: 10, Types: op.Types{"T1": {tensor.Float32, tensor.Float64}}}},
}

func isInf[T tensor.Float]() op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		return bindUnary(kernel.IsInf[T](n.Bool("detect_negative"), n.Bool("detect_positive"))), nil
	}
}

// isInfBits is isInf by the bits of the sign and of positive infinity.
func isInfBits[T tensor.Half | tensor.BHalf | tensor.F8E5M2](sign, inf T) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		switch neg, pos := n.Bool("detect_negative"), n.Bool("detect_positive"); {
		case neg && pos:
			return bindUnary(kernel.MaskedIs(^sign, inf)), nil
		case neg:
			return bindUnary(kernel.MaskedIs(^T(0), sign|inf)), nil
		case pos:
			return bindUnary(kernel.MaskedIs(^T(0), inf)), nil
		}
		return bindUnary(kernel.Never[T]), nil
	}
}
