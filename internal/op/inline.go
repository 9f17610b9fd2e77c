package op

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
)

// Emit appends what stands for a node of a subgraph to the graph around it.
type Emit func(b *Builder, n *ir.Node, in []*ir.Value) []*ir.Value

// Body is a subgraph whose nodes are put into the graph around it, once for each of its runs.
type Body struct {
	b      *Builder
	emit   Emit
	consts map[*ir.Value]*ir.Value
}

// maxInlined bounds the nodes of a graph into which subgraphs are put.
const maxInlined = 200_000

// NewBody returns what puts subgraphs into the builder's graph; emit nil copies their nodes.
func (b *Builder) NewBody(emit Emit) *Body {
	if emit == nil {
		emit = (*Builder).Copy
	}
	return &Body{b, emit, map[*ir.Value]*ir.Value{}}
}

// Run appends the nodes of a subgraph, with in in the place of its inputs, and returns its outputs.
func (x *Body) Run(g *ir.Graph, in []*ir.Value) []*ir.Value {
	vals := map[*ir.Value]*ir.Value{nil: nil}
	for i, v := range g.Inputs {
		vals[v] = in[i]
	}
	get := func(v *ir.Value) *ir.Value {
		if w, ok := vals[v]; ok {
			return w
		}
		c := x.consts[v]
		if c == nil {
			c = x.b.G.AddConst(v.Name, v.Data)
			x.consts[v] = c
		}
		return c
	}
	list := func(vs []*ir.Value) []*ir.Value {
		out := make([]*ir.Value, len(vs))
		for i, v := range vs {
			out[i] = get(v)
		}
		return out
	}
	for _, n := range g.Nodes {
		out := x.emit(x.b, n, list(n.In))
		if len(x.b.G.Nodes) > maxInlined {
			x.b.Fail(fmt.Errorf("%w: more than %d nodes where %s is laid out turn by turn", ErrLimit, maxInlined, g.Name))
		}
		if x.b.Err() != nil {
			return x.b.dummies(len(g.Outputs))
		}
		for i, v := range n.Out {
			if v != nil {
				vals[v] = out[i]
			}
		}
	}
	return list(g.Outputs)
}

// Inline lays a node with subgraphs out in the graph around it. It returns an error where it is not known
// before the graph runs which of them run, and how often; what is then in the graph is of no use.
func (b *Builder) Inline(n *Node, emit Emit) ([]*ir.Value, error) {
	out, err := n.Def.Inline(b, n, b.NewBody(emit))
	if err != nil {
		return nil, err
	}
	out = out[:min(len(out), n.NumOut())]
	for i := range out {
		if !n.HasOut(i) {
			out[i] = nil
		}
	}
	return out, b.Err()
}
