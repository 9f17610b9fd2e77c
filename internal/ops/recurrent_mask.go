package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// RecurrentMask is what one direction of LSTM, GRU or RNN is multiplied by in all steps, before the products with
// the weights: one value, or one for each gate in ONNX's order. None leaves things as they are.
type RecurrentMask struct {
	Input []*ir.Value // [batch, input]
	State []*ir.Value // [batch, hidden]; what a GRU keeps of its state is not masked
}

// UnrollRecurrent emits what an LSTM, GRU or RNN node computes of other inputs, step by step, with a mask for each
// direction. The number of steps must be known.
func UnrollRecurrent(b *op.Builder, n *ir.Node, in []*ir.Value, masks []RecurrentMask) []*ir.Value {
	m := *n
	m.In = in
	r, err := b.Resolve(&m)
	if err != nil {
		b.Fail(err)
		return n.Out
	}
	return map[string]recurrent{"LSTM": longRecurrent, "GRU": gatedRecurrent, "RNN": simpleRecurrent}[n.Op].unroll(b, r, masks)
}

// product is x times weights. Where each gate has a mask, the weights are those of the gates, cut from all of them
// unless they are given.
func (u *unrolled) product(x *ir.Value, masks []*ir.Value, weights *ir.Value, gates []*ir.Value) *ir.Value {
	switch len(masks) {
	case 0:
		return u.MatMul(x, weights)
	case 1:
		return u.MatMul(u.Mul(x, masks[0]), weights)
	}
	if gates == nil {
		gates = splitEven(u.Builder, weights, 1, len(masks), u.hidden)
	}
	parts := make([]*ir.Value, len(masks))
	for i, m := range masks {
		parts[i] = u.MatMul(u.Mul(x, m), gates[i])
	}
	return u.Concat(-1, parts...)
}
