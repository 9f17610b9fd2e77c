package rewrite

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// conditional is an If whose branches are copied in training form. What a branch draws is drawn outside of it, so that
// the backward pass, which computes the branch again, has the same numbers; what it moves is an output of the If.
type conditional struct {
	b      *op.Builder // that the If is emitted with
	in     []*ir.Value // what the branches read
	states []*ir.Value // of in: the states that these are, or came of
	graphs []*ir.Graph
}

// conditional appends an If whose condition is not known, with its branches in training form.
func (t *Training) conditional(b *op.Builder, n *ir.Node, in []*ir.Value) []*ir.Value {
	c := &conditional{b: b}
	for _, v := range in[1:] {
		c.states = append(c.states, v)
		if next := t.Updates[v]; next != nil { // where it was met before, it goes on from there
			v = next
		}
		c.in = append(c.in, v)
	}
	t.inside = append(t.inside, c)
	attrs := slices.Clone(n.Attrs)
	for i, a := range attrs {
		if g, ok := a.Value.(*ir.Graph); ok {
			attrs[i].Value = t.branch(c, g)
		}
	}
	t.inside = t.inside[:len(t.inside)-1]
	if b.Err() != nil {
		return n.Out
	}
	moved := t.moved(c)
	out := b.EmitIn(n.Domain, len(n.Out)+len(moved), n.Op, append(in[:1:1], c.in...), attrs...)
	if b.Err() != nil {
		return n.Out
	}
	for k, i := range moved {
		t.Updates[c.states[i]] = out[len(n.Out)+k]
	}
	return out[:len(n.Out)]
}

// branch copies a branch with its nodes in training form.
func (t *Training) branch(c *conditional, of *ir.Graph) *ir.Graph {
	g := c.b.G.Sub(of.Name)
	c.graphs = append(c.graphs, g)
	for i, v := range c.in {
		name := v.Name
		if i < len(of.Inputs) {
			name = of.Inputs[i].Name
		}
		input := g.AddInput(name, v.Fact)
		if i < len(c.states) {
			t.learned[input], t.within[input] = t.isLearned(c.states[i]), t.isState(c.states[i])
		}
	}
	b := &op.Builder{G: g, Set: c.b.Set, Scope: c.b.Scope}
	g.Outputs = b.NewBody(t.emit).Run(of, g.Inputs[:len(of.Inputs)])
	if b.Err() != nil {
		c.b.Fail(b.Err())
	}
	return g
}

// moved gives the branches the same inputs, adds outputs for the states that one of them moves, and lists these by
// their places among the inputs.
func (t *Training) moved(c *conditional) []int {
	var moved []int
	for i := range c.states {
		if slices.ContainsFunc(c.graphs, func(g *ir.Graph) bool { return t.Updates[g.Inputs[i]] != nil }) {
			moved = append(moved, i)
		}
	}
	for _, g := range c.graphs {
		for _, v := range c.in[len(g.Inputs):] {
			g.AddInput(v.Name, v.Fact)
		}
		g.Captured = len(g.Inputs)
		b := &op.Builder{G: g, Set: c.b.Set, Scope: c.b.Scope}
		for _, i := range moved {
			next := t.Updates[g.Inputs[i]]
			delete(t.Updates, g.Inputs[i])
			if next == nil {
				next = b.Op("Identity", g.Inputs[i])
			}
			g.Outputs = append(g.Outputs, next)
		}
		if b.Err() != nil {
			c.b.Fail(b.Err())
		}
	}
	return moved
}

// isState reports whether a value is a state, or stands for one within a branch.
func (t *Training) isState(v *ir.Value) bool { return v.Kind == ir.State || t.within[v] }

// draw emits uniform numbers from 0 to 1 of the shape of x.
func (t *Training) draw(b *op.Builder, n *ir.Node, x *ir.Value) *ir.Value {
	if len(t.inside) == 0 {
		return b.OpA("RandomUniformLike", x)
	}
	u := t.drawOutside(n, x.Fact)
	if u == nil {
		b.Fail(op.Wrap("train", n, op.Facts(n.In), op.Unsupportedf("%s in a branch of an If whose condition is not known, of a size that is not known outside: freeze it", n.Op)))
		return x
	}
	for _, c := range t.inside {
		g := c.graphs[len(c.graphs)-1]
		c.in = append(c.in, u)
		u = g.AddInput(u.Name, u.Fact)
	}
	return u
}

// drawOutside is draw outside of all branches; nil where the graph's inputs do not tell the size.
func (t *Training) drawOutside(n *ir.Node, f ir.Fact) *ir.Value {
	b := t.inside[0].b
	if !f.Ranked {
		return nil
	}
	var u *ir.Value
	b.Do(n.Name, func() {
		var sizes []*ir.Value
		for _, d := range f.Shape {
			size := sizeOf(b, d)
			if size == nil {
				return
			}
			sizes = append(sizes, size)
		}
		shape := b.Ints()
		if len(sizes) > 0 {
			shape = b.Concat(0, sizes...)
		}
		u = b.OpA("RandomUniformLike", b.Expand(b.Cast(b.Const(tensor.Scalar(float32(0))), f.DType), shape))
	})
	return u
}

// sizeOf emits a size as a vector of one element, nil where it is neither known nor that of an axis of an input.
func sizeOf(b *op.Builder, d ir.Dim) *ir.Value {
	if k, ok := d.Int(); ok {
		return b.Ints(k)
	}
	for _, v := range b.G.Inputs {
		for axis, of := range v.Fact.Shape {
			if of.Same(d) {
				return b.Slice(b.Shape(v), 0, axis, axis+1)
			}
		}
	}
	return nil
}
