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
	return t.conditional(b, n, in)
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
