package train

import "github.com/onnxtool/onnxtool/internal/ir"

// frozenStatistics returns the running statistics of the BatchNormalization nodes that the patterns name.
func frozenStatistics(g *ir.Graph, values map[string]*ir.Value, p *patterns) map[*ir.Value]bool {
	names := map[*ir.Value]string{}
	for name, v := range values {
		names[v] = name
	}
	held := map[*ir.Value]bool{}
	f := newFinder()
	f.graph(g) // what subgraphs are given
	for g := range graphs(g) {
		for _, n := range g.Nodes {
			if n.Domain != "" || n.Op != "BatchNormalization" {
				continue
			}
			of := []string{n.Name}
			for _, v := range n.In[1:] {
				of = append(of, names[f.given(v)])
			}
			if p.match(of...) {
				held[f.given(n.In[3])], held[f.given(n.In[4])] = true, true
			}
		}
	}
	return held
}
