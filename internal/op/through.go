package op

import "github.com/onnxtool/onnxtool/internal/ir"

// Through sets the gradients of all inputs by way of an expansion: the node is computed once more in
// simpler operators, and those are differentiated.
func (g *Grad) Through(e Expand) {
	first := len(g.G.Nodes)
	outs := e(g.Builder, g.Node)
	if g.Err() != nil {
		return
	}
	var seeds []Seed
	for i, v := range outs {
		seeds = append(seeds, Seed{v, g.DOut(i)})
	}
	var wrt []*ir.Value // an input given twice gets the sum once
	at := map[*ir.Value]int{}
	for i, v := range g.Node.Node.In {
		if _, seen := at[v]; v != nil && g.Need(i) && !seen {
			at[v] = i
			wrt = append(wrt, v)
		}
	}
	grads, err := g.Backward(g.G.Nodes[first:], seeds, wrt)
	if err != nil {
		g.Fail(err)
		return
	}
	for k, v := range wrt {
		g.Set(at[v], grads[k])
	}
}
