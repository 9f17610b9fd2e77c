package ir

// Prune removes the nodes that neither the outputs nor the kept values need.
func (g *Graph) Prune(keep ...*Value) {
	need := map[*Value]bool{}
	for _, list := range [][]*Value{g.Outputs, keep} {
		for _, v := range list {
			need[v] = true
		}
	}
	live := make([]bool, len(g.Nodes))
	n := 0
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		for _, v := range g.Nodes[i].Out {
			live[i] = live[i] || need[v] && v != nil
		}
		if live[i] {
			n++
			for _, v := range g.Nodes[i].In {
				need[v] = true
			}
		}
	}
	kept := make([]*Node, 0, n)
	for i, node := range g.Nodes {
		if live[i] {
			kept = append(kept, node)
		}
	}
	g.Nodes = kept
}
