package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opShrink is y = x + bias where x < -lambd, x - bias where x > lambd, else 0.
// dy/dx = 1 in the first two cases, else 0.
var opShrink = &op.Def{
	Name: "Shrink", Since: 9,
	Doc:   "x + bias where x < -lambd, x - bias where x > lambd, else 0.",
	In:    []op.Param{op.In("input", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("output", "T")},
	Attrs: []op.AttrDef{op.Float("bias", 0), op.Float("lambd", .5)},
	Infer: op.InferSame,
	Kernels: op.Kernels{
		tensor.Float16: nil,
		tensor.Float32: shrink[float32](), tensor.Float64: shrink[float64](),
		tensor.Int8: shrink[int8](), tensor.Int16: shrink[int16](),
		tensor.Int32: shrink[int32](), tensor.Int64: shrink[int64](),
		tensor.Uint8: shrink[uint8](), tensor.Uint16: shrink[uint16](),
		tensor.Uint32: shrink[uint32](), tensor.Uint64: shrink[uint64](),
	},
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		x := g.In(0)
		lambd := float64(g.Node.Float("lambd"))
		out := g.Op("Or", g.Op("Less", x, g.Scalar(x, -lambd)), g.Op("Greater", x, g.Scalar(x, lambd)))
		g.Set(0, g.Where(out, g.DOut(0), g.Scalar(x, 0)))
	},
}

func shrink[T tensor.Number]() op.Bind {
	return unaryBy(func(n *op.Node) func(d, x []T) {
		return kernel.Shrink[T](float64(n.Float("lambd")), float64(n.Float("bias")))
	})
}
