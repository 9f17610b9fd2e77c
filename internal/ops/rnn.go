package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

var simpleRecurrent = recurrent{cell: kernel.CellRNN, activations: []string{"Tanh"}}

// opRNN is H_t = f(X_t*Wᵀ + H_(t-1)*Rᵀ + Wb + Rb). For shapes see recurrent.go; the gradient is that of
// the steps laid out, whose number must be known.
var opRNN = &op.Def{
	Name: "RNN", Since: 22,
	Doc:     "A series through a simple recurrent layer.",
	In:      recurrentIn,
	Out:     recurrentOut,
	Attrs:   simpleRecurrent.attrs(true),
	Types:   recurrentTypes,
	Infer:   simpleRecurrent.infer,
	Kernels: simpleRecurrent.kernels(),
	Expand:  simpleRecurrent.expand,
	Grad:    simpleRecurrent.grad,
	Old:     simpleRecurrent.versions(),
}
