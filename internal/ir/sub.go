package ir

// Subgraphs returns the graphs among a node's attributes.
func (n *Node) Subgraphs() []*Graph {
	var out []*Graph
	for _, a := range n.Attrs {
		switch x := a.Value.(type) {
		case *Graph:
			out = append(out, x)
		case []*Graph:
			out = append(out, x...)
		}
	}
	return out
}

// Captured returns how many of the node's inputs, the last ones, are there for its subgraphs alone.
func (n *Node) Captured() int {
	for _, g := range n.Subgraphs() {
		return g.Captured
	}
	return 0
}

// Own returns the graph's inputs without those that stand for values of the graph around it.
func (g *Graph) Own() []*Value { return g.Inputs[:len(g.Inputs)-g.Captured] }

// Clone returns a copy of a graph as a subgraph for a node of g.
func (g *Graph) Clone(of *Graph) *Graph {
	c := g.Sub(of.Name)
	c.Captured = of.Captured
	m := map[*Value]*Value{nil: nil}
	for _, v := range of.Inputs {
		m[v] = c.AddInput(v.Name, v.Fact)
	}
	get := func(v *Value) *Value {
		w, ok := m[v]
		if !ok { // a constant
			w = c.newValue(v.Name, v.Kind, v.Fact)
			w.Data = v.Data
			m[v] = w
		}
		return w
	}
	for _, n := range of.Nodes {
		k := &Node{Name: n.Name, Domain: n.Domain, Op: n.Op, Version: n.Version, Attrs: c.CloneAttrs(n.Attrs)}
		for _, v := range n.In {
			k.In = append(k.In, get(v))
		}
		names := make([]string, len(n.Out))
		for i, v := range n.Out {
			if v != nil {
				names[i] = v.Name
			}
		}
		c.AddNode(k, names...)
		for i, v := range n.Out {
			if v != nil {
				k.Out[i].Fact = v.Fact
				m[v] = k.Out[i]
			}
		}
	}
	for _, v := range of.Outputs {
		c.Outputs = append(c.Outputs, get(v))
	}
	return c
}

// CloneAttrs returns a copy of a node's attributes for another node of g, subgraphs copied too.
func (g *Graph) CloneAttrs(attrs []Attr) []Attr {
	out := append([]Attr(nil), attrs...)
	for i, a := range out {
		switch x := a.Value.(type) {
		case *Graph:
			out[i].Value = g.Clone(x)
		case []*Graph:
			list := make([]*Graph, len(x))
			for k, s := range x {
				list[k] = g.Clone(s)
			}
			out[i].Value = list
		}
	}
	return out
}

// Discard gives the names in a subgraph that was made for nothing back to its family.
func (g *Graph) Discard() {
	for _, v := range g.Inputs {
		delete(g.family.valueNames, v.Name)
	}
	for _, n := range g.Nodes {
		delete(g.family.nodeNames, n.Name)
		for _, v := range n.Out {
			if v != nil {
				delete(g.family.valueNames, v.Name)
			}
		}
		for _, s := range n.Subgraphs() {
			s.Discard()
		}
	}
}
