package op

import (
	"github.com/onnxtool/onnxtool/internal/ir"
)

// Grad is a node whose gradient is emitted: the builder appends the backward nodes.
type Grad struct {
	*Builder
	Node *Node
	dOut []*ir.Value
	dIn  []*ir.Value
	need []bool
}

// In returns input i, nil where it is absent.
func (g *Grad) In(i int) *ir.Value {
	if i >= len(g.Node.Node.In) {
		return nil
	}
	return g.Node.Node.In[i]
}

// Out returns output i of the forward node.
func (g *Grad) Out(i int) *ir.Value { return g.Node.Node.Out[i] }

// DOut returns the gradient of the loss by output i, nil where the loss does not depend on it.
func (g *Grad) DOut(i int) *ir.Value {
	if i >= len(g.dOut) {
		return nil
	}
	return g.dOut[i]
}

// Need reports whether the gradient by input i is wanted.
func (g *Grad) Need(i int) bool { return i < len(g.need) && g.need[i] }

// Set gives the gradient by input i, which has that input's shape. A nil value is a zero gradient.
func (g *Grad) Set(i int, d *ir.Value) {
	if g.Need(i) {
		g.dIn[i] = d
	}
}

// SetBroadcast is Set for a gradient in the output's shape, summed to the input's.
func (g *Grad) SetBroadcast(i int, d *ir.Value) {
	if g.Need(i) {
		g.dIn[i] = g.SumTo(d, g.In(i))
	}
}

// Differentiate emits the gradient of a node. dOut holds the gradients by its outputs (nil: none),
// need says which inputs' gradients are wanted; the result holds those (nil: zero).
func (b *Builder) Differentiate(n *ir.Node, dOut []*ir.Value, need []bool) ([]*ir.Value, error) {
	r, err := b.Resolve(n)
	if err != nil {
		return nil, err
	}
	g := &Grad{b, r, dOut, make([]*ir.Value, len(n.In)), need}
	wanted := false
	for i := range need {
		if !need[i] {
			continue
		}
		p := Param{Grad: Differentiable} // what subgraphs read
		if i < r.NumOwn() {
			p = paramAt(r.Def.In, i)
		}
		switch p.Grad {
		case NoRule:
			return nil, Wrap("differentiate", n, Facts(n.In), Unsupportedf("no gradient by input %d (%s)", i, p.Name))
		case Zero:
			need[i] = false
		case Differentiable:
			wanted = true
		}
	}
	if wanted && r.Def.Grad == nil {
		return nil, Wrap("differentiate", n, Facts(n.In), Unsupportedf("no gradient of %s", n.Op))
	}
	if wanted {
		b.Do(n.Name+"_grad", func() { r.Def.Grad(g) })
	}
	return g.dIn, Wrap("differentiate", n, Facts(n.In), b.Err())
}
