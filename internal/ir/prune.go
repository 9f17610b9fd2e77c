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
			g.Nodes[i].reads(need)
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

// reads adds all values that the node reads, those of its subgraphs included.
func (n *Node) reads(set map[*Value]bool) {
	for _, v := range n.In {
		set[v] = true
	}
	for _, a := range n.Attrs {
		switch x := a.Value.(type) {
		case *Graph:
			x.reads(set)
		case []*Graph:
			for _, s := range x {
				s.reads(set)
			}
		}
	}
}

func (g *Graph) reads(set map[*Value]bool) {
	for _, v := range g.Outputs {
		set[v] = true
	}
	for _, n := range g.Nodes {
		n.reads(set)
	}
}
