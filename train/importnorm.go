package train

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/train/nn"
)

// freezeStatistics returns the running statistics of the BatchNormalization nodes that the patterns name. Those whose
// training_mode is set in the file, as exports in PyTorch's training mode have it, take them while they are trained.
func freezeStatistics(net *nn.Net, values map[string]*ir.Value, p *patterns) map[*ir.Value]bool {
	names := map[*ir.Value]string{}
	for name, v := range values {
		names[v] = name
	}
	held := map[*ir.Value]bool{}
	f := newFinder()
	f.graph(net.Graph) // what subgraphs are given
	for g := range graphs(net.Graph) {
		for _, n := range g.Nodes {
			if n.Domain != "" || n.Op != "BatchNormalization" {
				continue
			}
			of := []string{n.Name}
			for _, v := range n.In[1:] {
				of = append(of, names[f.given(v)])
			}
			if !p.match(of...) {
				continue
			}
			held[f.given(n.In[3])], held[f.given(n.In[4])] = true, true
			if n.Attr("training_mode") == int64(1) {
				if net.Forms == nil {
					net.Forms = nn.Forms{}
				}
				net.Forms[n] = nn.Form{Whole: inferenceNorm}
			}
		}
	}
	return held
}

// inferenceNorm emits what a BatchNormalization node is in inference.
func inferenceNorm(b *nn.Builder, n *ir.Node, in []*ir.Value) []*ir.Value {
	attrs := slices.DeleteFunc(slices.Clone(n.Attrs), func(a ir.Attr) bool { return a.Name != "epsilon" })
	y := b.Emit(1, "BatchNormalization", in, attrs...)[0]
	return []*ir.Value{y, in[3], in[4]}[:len(n.Out)]
}
