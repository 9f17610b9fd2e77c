package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opBitShift shifts the bits of x by y places. Signed integers keep their sign to the right; y
// outside of 0 to the width of the type shifts all bits out.
var opBitShift = &op.Def{
	Name: "BitShift", Since: 28,
	Doc:   "The bits of X shifted by Y places to the LEFT or RIGHT, with broadcasting.",
	In:    []op.Param{op.In("X", "T", op.Zero), op.In("Y", "T", op.Zero)},
	Out:   []op.Param{op.Out("Z", "T")},
	Attrs: []op.AttrDef{op.Need("direction", op.StringKind)},
	Infer: inferBitShift,
	Kernels: op.Kernels{
		tensor.Int8: bitShift[int8], tensor.Int16: bitShift[int16],
		tensor.Int32: bitShift[int32], tensor.Int64: bitShift[int64],
		tensor.Uint8: bitShift[uint8], tensor.Uint16: bitShift[uint16],
		tensor.Uint32: bitShift[uint32], tensor.Uint64: bitShift[uint64],
	},
	InPlace: []int{0, 1},
	Old:     []op.Version{{Since: 11, Types: op.Types{"T": op.UnsignedInts}}},
}

func inferBitShift(n *op.Node) error {
	if d := n.Str("direction"); d != "LEFT" && d != "RIGHT" {
		return op.Malformedf("direction is %q, expected LEFT or RIGHT", d)
	}
	return op.InferBroadcast(n)
}

func bitShift[T tensor.Integer](n *op.Node) (op.Kernel, error) {
	if n.Str("direction") == "LEFT" {
		return binary(kernel.ShiftLeft[T])(n)
	}
	return binary(kernel.ShiftRight[T])(n)
}
