package op

import (
	"errors"
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
)

// Seed is the gradient of the loss by a value from which differentiation begins; a nil gradient is none.
type Seed struct{ Value, Grad *ir.Value }

// Use is one input of a node.
type Use struct {
	Node  *ir.Node
	Input int
}

// Backward appends what passes gradients back through nodes of the builder's graph, which are in an order
// in which they run, and returns the gradients by the values wrt; nil where none arrives.
// None arrives by way of the uses zero: it is known to be 0 there, which its rule would give with rounding.
func (b *Builder) Backward(nodes []*ir.Node, seeds []Seed, wrt []*ir.Value, zero ...Use) ([]*ir.Value, error) {
	p := backward{b: b, zero: zero, behind: map[*ir.Value]*ir.Value{}, parts: map[*ir.Value][]*ir.Value{}}
	nodes = slices.Clone(nodes)
	p.activate(nodes, wrt)
	for _, s := range seeds {
		if s.Value != nil && s.Grad != nil && p.behind[s.Value] != nil {
			p.parts[s.Value] = append(p.parts[s.Value], s.Grad)
		}
	}
	for _, n := range slices.Backward(nodes) {
		if err := p.node(n); err != nil {
			return nil, err
		}
	}
	out := make([]*ir.Value, len(wrt))
	for i, v := range wrt {
		out[i] = p.total(v)
	}
	return out, b.Err()
}

type backward struct {
	b      *Builder
	zero   []Use
	behind map[*ir.Value]*ir.Value // by values that depend on one of wrt, the first of these
	parts  map[*ir.Value][]*ir.Value
}

// activate finds the values whose gradients lead on to one that is wanted.
func (p *backward) activate(nodes []*ir.Node, wrt []*ir.Value) {
	for _, v := range wrt {
		p.behind[v] = v
	}
	for _, n := range nodes {
		for _, v := range n.In {
			if v != nil && p.behind[v] != nil {
				for _, o := range n.Out {
					if o != nil && p.behind[o] == nil {
						p.behind[o] = p.behind[v]
					}
				}
				break
			}
		}
	}
}

// total returns the sum of the gradients that reached a value, nil where none did.
func (p *backward) total(v *ir.Value) *ir.Value {
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
func (p *backward) node(n *ir.Node) error {
	dOut := make([]*ir.Value, len(n.Out))
	reached := false
	for i, v := range n.Out {
		if v != nil && p.behind[v] != nil {
			dOut[i] = p.total(v)
			reached = reached || dOut[i] != nil
		}
	}
	if !reached {
		return nil
	}
	need := make([]bool, len(n.In))
	var first *ir.Value
	for i, v := range n.In {
		if v == nil || p.behind[v] == nil || slices.Contains(p.zero, Use{n, i}) {
			continue
		}
		need[i] = true
		if first == nil {
			first = p.behind[v]
		}
	}
	dIn, err := p.b.Differentiate(n, dOut, need)
	if err != nil {
		return leadsTo(err, first)
	}
	for i, d := range dIn {
		if d != nil {
			p.parts[n.In[i]] = append(p.parts[n.In[i]], d)
		}
	}
	return nil
}

// wayError says which parameter's gradient a node stands in the way of.
type wayError struct {
	error
	param string
}

func (e *wayError) Error() string {
	return fmt.Sprintf("%v (on the way to parameter %s)", e.error, e.param)
}

func (e *wayError) Unwrap() error { return e.error }

func leadsTo(err error, v *ir.Value) error {
	var w *wayError
	if v.Kind != ir.State || errors.As(err, &w) {
		return err
	}
	return &wayError{err, v.Name}
}
