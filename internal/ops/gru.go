package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

var gatedRecurrent = recurrent{
	cell: kernel.CellGRU, activations: []string{"Sigmoid", "Tanh"}, flags: []op.AttrDef{op.Int("linear_before_reset", 0)},
}

// opGRU has an update gate z, a reset gate r and a candidate h, in this order in the weights:
//
//	z = f(X*Wzᵀ + H*Rzᵀ + Wbz + Rbz), r likewise
//	h = g(X*Whᵀ + (r*H)*Rhᵀ + Wbh + Rbh) or, with linear_before_reset, g(X*Whᵀ + r*(H*Rhᵀ + Rbh) + Wbh)
//	H = (1-z)*h + z*H
//
// For shapes see recurrent.go; the gradient is that of the steps laid out, whose number must be known.
var opGRU = &op.Def{
	Name: "GRU", Since: 22,
	Doc:     "A series through a layer of gated recurrent units.",
	In:      recurrentIn,
	Out:     recurrentOut,
	Attrs:   gatedRecurrent.attrs(true),
	Types:   recurrentTypes,
	Infer:   gatedRecurrent.infer,
	Kernels: gatedRecurrent.kernels(),
	Expand:  gatedRecurrent.expand,
	Grad:    gatedRecurrent.grad,
	Old:     gatedRecurrent.versions(),
}
