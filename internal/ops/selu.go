package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opSelu is y = gamma*x, or gamma*alpha*(e^x - 1) where x <= 0.
// dy/dx = gamma, or y + gamma*alpha where x <= 0. The defaults of alpha and gamma are those of
// "Self-Normalizing Neural Networks" (Klambauer et al., 2017).
var opSelu = &op.Def{
	Name: "Selu", Since: 22,
	Doc:   "gamma*x, or gamma*alpha*(e^x - 1) where x < 0.",
	In:    []op.Param{op.In("X", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Float("alpha", 1.67326319217681884765625), op.Float("gamma", 1.05070102214813232421875)},
	Infer: inferFinite("alpha", "gamma"),
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: unaryBy(func(n *op.Node) func(d, x []float32) {
			return kernel.Elu32(float64(n.Float("alpha")), float64(n.Float("gamma")), 1)
		}),
		tensor.Float64: unaryBy(func(n *op.Node) func(d, x []float64) {
			return kernel.Elu[float64](float64(n.Float("alpha")), float64(n.Float("gamma")), 1)
		}),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		alpha, gamma := float64(g.Node.Float("alpha")), float64(g.Node.Float("gamma"))
		gradElu(g, g.Scale(g.DOut(0), gamma), g.AddScalar(g.Out(0), alpha*gamma))
	},
	Old: []op.Version{{Since: 6, Types: op.Types{"T": op.FloatsIEEE}}},
}
