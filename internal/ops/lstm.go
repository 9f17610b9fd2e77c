package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

var longRecurrent = recurrent{
	cell: kernel.CellLSTM, activations: []string{"Sigmoid", "Tanh", "Tanh"}, flags: []op.AttrDef{op.Int("input_forget", 0)},
}

// opLSTM has an input gate i, an output gate o, a forget gate f and a candidate c, in this order in the
// weights; P [directions, 3*hidden] holds the peepholes of i, o and f:
//
//	i = f(X*Wiᵀ + H*Riᵀ + Pi*C + Wbi + Rbi), f likewise or, with input_forget, 1 - i
//	C = f*C + i*g(X*Wcᵀ + H*Rcᵀ + Wbc + Rbc)
//	o = f(X*Woᵀ + H*Roᵀ + Po*C + Wbo + Rbo)
//	H = o*h(C)
//
// For shapes see recurrent.go; the gradient is that of the steps laid out, whose number must be known.
var opLSTM = &op.Def{
	Name: "LSTM", Since: 22,
	Doc: "A series through a layer of long short-term memory units.",
	In: append(recurrentIn[:len(recurrentIn):len(recurrentIn)],
		op.Opt("initial_c", "T", op.Differentiable), op.Opt("P", "T", op.Differentiable)),
	Out:     append(recurrentOut[:len(recurrentOut):len(recurrentOut)], op.OptOut("Y_c", "T")),
	Attrs:   longRecurrent.attrs(true),
	Types:   recurrentTypes,
	Infer:   longRecurrent.infer,
	Kernels: longRecurrent.kernels(),
	Expand:  longRecurrent.expand,
	Grad:    longRecurrent.grad,
	Old:     longRecurrent.versions(),
}
