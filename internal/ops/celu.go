package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opCelu is y = max(0, x) + min(0, alpha*(e^(x/alpha) - 1)). dy/dx = 1, or e^(x/alpha) where x <= 0.
var opCelu = &op.Def{
	Name: "Celu", Since: 28,
	Doc:   "x, or alpha*(e^(x/alpha) - 1) where x < 0.",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Float("alpha", 1)},
	Infer: inferCelu,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unaryBy(celu(kernel.Elu32)),
		tensor.Float64: unaryBy(celu(kernel.Elu[float64])),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		alpha := float64(g.Node.Float("alpha"))
		gradElu(g, g.DOut(0), g.Op("Exp", g.Scale(g.In(0), 1/alpha)))
	},
	Old: []op.Version{{Since: 12, Types: op.Types{"T": {tensor.Float32}}}},
}

func inferCelu(n *op.Node) error {
	if n.Float("alpha") == 0 {
		return op.Malformedf("alpha is 0, by which x is divided")
	}
	return inferFinite("alpha")(n)
}

func celu[T tensor.Float](elu func(alpha, gamma, width float64) func(d, x []T)) func(n *op.Node) func(d, x []T) {
	return func(n *op.Node) func(d, x []T) {
		alpha := float64(n.Float("alpha"))
		return elu(alpha, 1, alpha)
	}
}
