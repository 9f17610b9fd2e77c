package train

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/train/nn"
)

// recurrent lets LSTM, GRU and RNN nodes drop in training what the recipe says: they are laid out step by step then,
// with masks that are drawn once for all steps.
func (x *expansion) recurrent(net *nn.Net, values map[string]*ir.Value) {
	of := map[*ir.Node][]*recipe.Recurrent{}
	for i := range x.recipe.Recurrent {
		r := &x.recipe.Recurrent[i]
		if v := values[r.Node]; v != nil && v.Node != nil && v.Node.Domain == "" && slices.Contains([]string{"LSTM", "GRU", "RNN"}, v.Node.Op) {
			of[v.Node] = append(of[v.Node], r) // else the graph has been changed there
		}
	}
	for n, list := range of {
		if net.Forms == nil {
			net.Forms = nn.Forms{}
		}
		var drop [2]nn.RecurrentDropout
		for _, r := range list {
			drop[r.Direction] = nn.RecurrentDropout{Input: r.Rate, State: r.StateRate, EachGate: r.EachGate}
		}
		net.Forms[n] = nn.Form{Whole: func(b *nn.Builder, n *ir.Node, in []*ir.Value) []*ir.Value {
			return b.UnrollRecurrent(n, in, drop[:]...)
		}}
	}
}
