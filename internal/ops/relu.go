package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opRelu is y = max(0, x). dy/dx = 1 where x > 0, else 0.
var opRelu = &op.Def{
	Name: "Relu", Since: 14,
	Doc:   "y = max(0, x).",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Infer: op.InferSame,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unary(kernel.Relu[float32]), tensor.Float64: unary(kernel.Relu[float64]),
		tensor.Int8: unary(kernel.Relu[int8]), tensor.Int16: unary(kernel.Relu[int16]),
		tensor.Int32: unary(kernel.Relu[int32]), tensor.Int64: unary(kernel.Relu[int64]),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		y := g.Out(0)
		zero := g.Scalar(y, 0)
		g.Set(0, g.Where(g.Op("Greater", y, zero), g.DOut(0), zero))
	},
	Old: []op.Version{
		{Since: 13, Types: op.Types{"T": op.Floats}},
		{Since: 6, Types: op.Types{"T": op.FloatsIEEE}},
	},
}
