// Package autodiff appends the backward pass to a graph: reverse-mode differentiation, by the rules
// that the operators carry, in standard operators.
package autodiff

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// Gradients appends nodes that compute the derivatives of a loss, which has one element, by the
// values wrt, and returns them in that order. A value that the loss does not depend on is an error
// that names it, and so is a node without a gradient rule between the two.
func Gradients(b *op.Builder, loss *ir.Value, wrt []*ir.Value) ([]*ir.Value, error) {
	if !loss.Fact.Ranked || !loss.Fact.Shape.Size().Is(1) {
		return nil, fmt.Errorf("autodiff: the loss is %v, expected one element", loss)
	}
	p := pass{b: b, active: map[*ir.Value]bool{}, parts: map[*ir.Value][]*ir.Value{}}
	nodes := b.G.Nodes
	p.activate(nodes, wrt)
	one := b.Scalar(loss, 1)
	if loss.Fact.Rank() > 0 {
		one = b.Expand(one, b.Shape(loss))
	}
	p.parts[loss] = []*ir.Value{one}
	for i := len(nodes) - 1; i >= 0; i-- {
		if err := p.node(nodes[i]); err != nil {
			return nil, err
		}
	}
	out := make([]*ir.Value, len(wrt))
	for i, v := range wrt {
		if out[i] = p.total(v); out[i] == nil {
			return nil, fmt.Errorf("autodiff: the loss %s does not depend on %s", loss.Name, v.Name)
		}
	}
	return out, b.Err()
}

type pass struct {
	b      *op.Builder
	active map[*ir.Value]bool // values that depend on one of wrt
	parts  map[*ir.Value][]*ir.Value
}

// activate marks the values whose gradients lead on to one that is wanted.
func (p *pass) activate(nodes []*ir.Node, wrt []*ir.Value) {
	for _, v := range wrt {
		p.active[v] = true
	}
	for _, n := range nodes {
		for _, v := range n.In {
			if v != nil && p.active[v] {
				for _, o := range n.Out {
					if o != nil {
						p.active[o] = true
					}
				}
				break
			}
		}
	}
}

// total returns the sum of the gradients that reached a value, nil where none did.
func (p *pass) total(v *ir.Value) *ir.Value {
	parts := p.parts[v]
	if len(parts) == 0 {
		return nil
	}
	sum := parts[0]
	for _, d := range parts[1:] {
		sum = p.b.Add(sum, d)
	}
	p.parts[v] = []*ir.Value{sum}
	return sum
}

// node passes the gradients of a node's outputs on to its inputs.
func (p *pass) node(n *ir.Node) error {
	dOut := make([]*ir.Value, len(n.Out))
	reached := false
	for i, v := range n.Out {
		if v != nil && p.active[v] {
			dOut[i] = p.total(v)
			reached = reached || dOut[i] != nil
		}
	}
	if !reached {
		return nil
	}
	need := make([]bool, len(n.In))
	for i, v := range n.In {
		need[i] = v != nil && p.active[v]
	}
	dIn, err := p.b.Differentiate(n, dOut, need)
	if err != nil {
		return err
	}
	for i, d := range dIn {
		if d != nil {
			p.parts[n.In[i]] = append(p.parts[n.In[i]], d)
		}
	}
	return nil
}
