package nn

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/ops"
)

// RecurrentDropout is what one direction of a recurrence drops while training: fractions of the series and of the
// state as they enter the products with the weights, by masks that are drawn once for all steps.
type RecurrentDropout struct {
	Input, State float64
	// EachGate gives each gate masks of its own. Keras does so for LSTM and GRU with recurrent_dropout.
	EachGate bool
}

// UnrollRecurrent emits what ONNX's node n, an LSTM, GRU or RNN, computes of the inputs in, step by step and with
// dropout in its directions. The number of steps must be known.
func (b *Builder) UnrollRecurrent(n *ir.Node, in []*Value, directions ...RecurrentDropout) []*Value {
	gates := map[string]int{"LSTM": 4, "GRU": 3, "RNN": 1}[n.Op]
	batch := b.Slice(b.Shape(in[0]), 0, 1, 2)
	masks := make([]ops.RecurrentMask, 2)
	for i, d := range directions {
		draw := func(weights *Value, rate float64) (masks []*Value) {
			if rate == 0 {
				return nil
			}
			like := b.Expand(b.Scalar(in[0], 0), b.Concat(0, batch, b.Slice(b.Shape(weights), 0, 2, 3)))
			masks = append(masks, b.DropMask(like, rate))
			for d.EachGate && len(masks) < gates {
				masks = append(masks, b.DropMask(like, rate))
			}
			return masks
		}
		masks[i] = ops.RecurrentMask{Input: draw(in[1], d.Input), State: draw(in[2], d.State)}
	}
	return ops.UnrollRecurrent(b.Builder, n, in, masks)
}

// masks draws, for training, what a state or each step like the given is multiplied by, for each gate.
func (l *recurrence) masks(b *Builder, like *Value, rate float64) []*Value {
	if rate == 0 || l.recurrentDropout == 0 {
		return nil
	}
	ones := b.AddScalar(b.Scale(like, 0), 1)
	keep := make([]*Value, len(l.gates))
	for i := range keep {
		keep[i] = b.OnlyTraining(ones, func(b *Builder, x *Value, _ ...*Value) *Value { return b.DropMask(x, rate) })
	}
	return keep
}

// times is x·w, of a state or a series x; while training, where there are masks, that of x with the mask of each gate.
func (b *Builder) times(x, w *Value, keep []*Value) *Value {
	y := b.MatMul(x, w)
	if len(keep) == 0 {
		return y
	}
	return b.OnlyTraining(y, func(b *Builder, _ *Value, of ...*Value) *Value {
		x, gates := of[0], of[1:2]
		if len(keep) > 1 {
			gates = b.splitLast(of[1], len(keep))
		}
		parts := make([]*Value, len(keep))
		for i, k := range of[2:] {
			if x.Fact.Rank() == 3 {
				k = b.Unsqueeze(k, 1)
			}
			parts[i] = b.MatMul(b.Mul(x, k), gates[i])
		}
		return b.Concat(-1, parts...)
	}, append([]*Value{x, w}, keep...)...)
}
