package rewrite

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// NoisePrefix begins the names of inputs that stand for random draws; the node's name follows.
const NoisePrefix = "noise/"

// NoiseInputs makes every random draw an input of the graph, noise/<node>, so that whoever runs it
// decides what is drawn. It returns the operator that each input stands for.
func NoiseInputs(g *ir.Graph, set *op.Set) map[*ir.Value]string {
	draws := map[*ir.Value]string{}
	var kept []*ir.Node
	for _, n := range g.Nodes {
		if !set.Lookup(n.Domain, n.Op).Random {
			kept = append(kept, n)
			continue
		}
		v := n.Out[0]
		v.Kind, v.Node = ir.Input, nil
		g.Rename(v, NoisePrefix+n.Name)
		g.Inputs = append(g.Inputs, v)
		draws[v] = n.Op
	}
	g.Nodes = kept
	return draws
}
