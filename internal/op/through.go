package op

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
)

// Through sets the gradients of all inputs by way of an expansion: the node is computed once more in
// simpler operators, and those are differentiated.
func (g *Grad) Through(e Expand) {
	first := len(g.G.Nodes)
	outs := e(g.Builder, g.Node)
	if g.Err() != nil {
		return
	}
	t := through{g: g, active: map[*ir.Value]bool{}, d: map[*ir.Value]*ir.Value{}}
	nodes := slices.Clone(g.G.Nodes[first:])
	t.activate(nodes)
	for i, v := range outs {
		t.add(v, g.DOut(i))
	}
	for _, n := range slices.Backward(nodes) {
		t.node(n)
	}
	for i, v := range g.Node.Node.In {
		if v != nil && g.Need(i) {
			g.Set(i, t.d[v])
			delete(t.d, v) // an input given twice gets the sum once
		}
	}
}

type through struct {
	g      *Grad
	active map[*ir.Value]bool // values that depend on an input whose gradient is wanted
	d      map[*ir.Value]*ir.Value
}

func (t *through) activate(nodes []*ir.Node) {
	for i, v := range t.g.Node.Node.In {
		if v != nil && t.g.Need(i) {
			t.active[v] = true
		}
	}
	for _, n := range nodes {
		if !slices.ContainsFunc(n.In, func(v *ir.Value) bool { return v != nil && t.active[v] }) {
			continue
		}
		for _, o := range n.Out {
			if o != nil {
				t.active[o] = true
			}
		}
	}
}

func (t *through) add(v, d *ir.Value) {
	switch {
	case v == nil || d == nil || !t.active[v]:
	case t.d[v] == nil:
		t.d[v] = d
	default:
		t.d[v] = t.g.Add(t.d[v], d)
	}
}

func (t *through) node(n *ir.Node) {
	dOut := make([]*ir.Value, len(n.Out))
	reached := false
	for i, v := range n.Out {
		if v != nil {
			dOut[i] = t.d[v]
			reached = reached || dOut[i] != nil
		}
	}
	if !reached || t.g.Err() != nil {
		return
	}
	need := make([]bool, len(n.In))
	for i, v := range n.In {
		need[i] = v != nil && t.active[v]
	}
	dIn, err := t.g.Differentiate(n, dOut, need)
	if err != nil {
		t.g.Fail(err)
		return
	}
	for i, d := range dIn {
		t.add(n.In[i], d)
	}
}
