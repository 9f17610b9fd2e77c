package train

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/train/nn"
)

// recurrentGates are the gates of the operators that can drop.
var recurrentGates = map[string]int{"LSTM": 4, "GRU": 3, "RNN": 1}

// recurrent lets LSTM, GRU and RNN nodes drop in training what the recipe says: they are laid out step by step then,
// with masks that are drawn once for all steps.
func (x *expansion) recurrent(net *nn.Net, values map[string]*ir.Value) {
	of := map[*ir.Node][]*recipe.Recurrent{}
	for i := range x.recipe.Recurrent {
		r := &x.recipe.Recurrent[i]
		if v := values[r.Node]; v != nil && v.Node != nil && v.Node.Domain == "" && recurrentGates[v.Node.Op] > 0 {
			of[v.Node] = append(of[v.Node], r) // else the graph has been changed there
		}
	}
	for n, list := range of {
		if net.Forms == nil {
			net.Forms = nn.Forms{}
		}
		net.Forms[n] = nn.Form{Whole: func(b *nn.Builder, n *ir.Node, in []*ir.Value) []*ir.Value {
			return ops.UnrollRecurrent(b.Builder, n, in, recurrentMasks(b, n, in, list))
		}}
	}
}

// recurrentMasks draws the masks of a node's directions; in are its inputs.
func recurrentMasks(b *nn.Builder, n *ir.Node, in []*ir.Value, list []*recipe.Recurrent) []ops.RecurrentMask {
	batch := b.Slice(b.Shape(in[0]), 0, 1, 2)
	draw := func(weights *ir.Value, rate float64, each bool) (masks []*ir.Value) {
		if rate == 0 {
			return nil
		}
		like := b.Expand(b.Scalar(in[0], 0), b.Concat(0, batch, b.Slice(b.Shape(weights), 0, 2, 3)))
		masks = append(masks, b.DropMask(like, rate))
		for each && len(masks) < recurrentGates[n.Op] {
			masks = append(masks, b.DropMask(like, rate))
		}
		return masks
	}
	out := make([]ops.RecurrentMask, 2)
	for _, r := range list {
		out[r.Direction] = ops.RecurrentMask{Input: draw(in[1], r.Rate, r.EachGate), State: draw(in[2], r.StateRate, r.EachGate)}
	}
	return out
}
