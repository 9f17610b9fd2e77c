package rewrite

import (
	"errors"
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// control appends the training form of a node with subgraphs. Where a state is behind it or it holds what acts
// otherwise in training, the subgraphs' nodes take its place, turn by turn, if it is known which subgraph runs
// and how often. An If whose condition is not known keeps its branches, in training form; a loop that cannot be
// laid out stays as it is, and has no gradient.
func (t *Training) control(b *op.Builder, n *ir.Node, in []*ir.Value) []*ir.Value {
	if !slices.ContainsFunc(in, t.isLearned) && !t.acts(n) {
		return b.Copy(n, in)
	}
	m := *n
	m.In = in
	r, err := b.Resolve(&m)
	if err != nil {
		b.Fail(err)
		return n.Out
	}
	nodes, updates := len(b.G.Nodes), maps.Clone(t.Updates)
	out, err := b.Inline(r, t.emit)
	if err == nil {
		return out
	}
	if b.Err() != nil && !errors.Is(err, op.ErrLimit) {
		return n.Out
	}
	b.Wrap(nil)
	b.G.Nodes, t.Updates = b.G.Nodes[:nodes], updates
	if n.Op != "If" {
		return b.Copy(n, in)
	}
	attrs := slices.Clone(n.Attrs)
	for i, a := range attrs {
		if g, ok := a.Value.(*ir.Graph); ok {
			attrs[i].Value = t.branch(b, g, in[1:])
		}
	}
	if b.Err() != nil {
		return n.Out
	}
	return b.EmitIn(n.Domain, len(n.Out), n.Op, in, attrs...)
}

// isLearned reports whether a state is behind a value.
func (t *Training) isLearned(v *ir.Value) bool {
	return v != nil && (v.Kind == ir.State || t.learned[v])
}

// acts reports whether there is something in a node's subgraphs that acts otherwise in training.
func (t *Training) acts(n *ir.Node) bool {
	for _, g := range n.Subgraphs() {
		for _, m := range g.Nodes {
			if m.Op == "Dropout" && m.Domain == "" && !off(m.In) || t.acts(m) {
				return true
			}
		}
	}
	return false
}

// branch copies a branch of an If, which reads in, with its nodes in training form.
func (t *Training) branch(b *op.Builder, of *ir.Graph, in []*ir.Value) *ir.Graph {
	g := b.G.Sub(of.Name)
	g.Captured = len(in)
	for i, v := range of.Inputs {
		c := g.AddInput(v.Name, in[i].Fact)
		t.learned[c] = t.isLearned(in[i])
		t.within[c] = in[i].Kind == ir.State || t.within[in[i]]
	}
	inner := &op.Builder{G: g, Set: b.Set, Scope: b.Scope}
	t.branches++
	g.Outputs = inner.NewBody(t.emit).Run(of, g.Inputs)
	t.branches--
	if inner.Err() != nil {
		b.Fail(inner.Err())
	}
	return g
}

// inBranch refuses what a branch that may not be taken cannot do in training.
func (t *Training) inBranch(b *op.Builder, n *ir.Node, in []*ir.Value) bool {
	if t.branches == 0 || n.Domain != "" {
		return false
	}
	draws := n.Op == "Dropout" && !off(in)
	moves := n.Op == "BatchNormalization" && t.within[in[3]] && t.within[in[4]] && len(n.Out) == 1
	if draws || moves {
		b.Fail(op.Wrap("train", n, op.Facts(in), op.Unsupportedf("%s in a branch of an If whose condition is not known: freeze it", n.Op)))
	}
	return draws || moves
}
