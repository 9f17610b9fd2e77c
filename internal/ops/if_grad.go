package ops

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// gradIf emits an If of the same condition whose branches compute the branch of the forward pass once more
// and give the gradients by what the branches read from around them, zeros where a branch does not read it.
func gradIf(g *op.Grad) {
	captured := g.Node.Node.In[1:]
	p := branchGrad{Grad: g, captured: captured, outer: slices.Clone(captured)}
	for i, v := range captured {
		if g.Need(1+i) && v.Fact.DType.IsFloat() {
			p.wanted = append(p.wanted, i)
		}
	}
	if len(p.wanted) == 0 {
		return
	}
	for i := range g.Node.NumOut() {
		if d := g.DOut(i); d != nil {
			p.given = append(p.given, i)
			p.outer = append(p.outer, d)
		}
	}
	then, other := p.branch("then_branch"), p.branch("else_branch")
	if g.Err() != nil {
		return
	}
	in := append([]*ir.Value{g.In(0)}, p.outer...)
	out := g.Emit(len(p.wanted), "If", in, op.Attr("then_branch", then), op.Attr("else_branch", other))
	for k, i := range p.wanted {
		if g.Err() == nil {
			g.Set(1+i, out[k])
		}
	}
}

// branchGrad is an If whose gradient is emitted.
type branchGrad struct {
	*op.Grad
	captured []*ir.Value // what the branches read
	wanted   []int       // those of captured by which there are to be gradients
	given    []int       // the outputs by which the loss has gradients
	outer    []*ir.Value // captured, then those gradients
}

// branch returns a branch of the backward If.
func (p *branchGrad) branch(attr string) *ir.Graph {
	of := p.Node.Graph(attr)
	g := p.G.Sub(of.Name + "_grad")
	b := &op.Builder{G: g, Set: p.Builder.Set, Scope: p.Scope}
	for _, v := range p.captured {
		g.AddInput(v.Name, v.Fact)
	}
	in := g.Inputs
	outs := b.NewBody(p.emit).Run(of, in)
	seeds := make([]op.Seed, len(p.given))
	for k, i := range p.given {
		d := p.outer[len(p.captured)+k]
		seeds[k] = op.Seed{Value: outs[i], Grad: g.AddInput(d.Name, outs[i].Fact.Like())}
	}
	g.Captured = len(g.Inputs)
	wrt := make([]*ir.Value, len(p.wanted))
	for k, i := range p.wanted {
		wrt[k] = in[i]
	}
	if b.Err() == nil {
		grads, err := b.Backward(g.Nodes, seeds, wrt)
		if err != nil {
			b.Fail(err)
		}
		for k, d := range grads {
			g.Outputs = append(g.Outputs, shapedLike(b, d, wrt[k]))
		}
	}
	if b.Err() != nil {
		p.Fail(b.Err())
	}
	return g
}

// emit copies a node of a branch, which must compute the same values twice.
func (p *branchGrad) emit(b *op.Builder, n *ir.Node, in []*ir.Value) []*ir.Value {
	if p.Builder.Set.Draws(n) {
		b.Fail(op.Wrap("differentiate", n, op.Facts(in), op.Unsupportedf("a gradient through random numbers that a branch draws")))
		return n.Out
	}
	return b.Copy(n, in)
}

// shapedLike returns the gradient d by x in the shape of x, zeros where it is nil, so that an If whose branches
// say less of it does not lose the shape.
func shapedLike(b *op.Builder, d, x *ir.Value) *ir.Value {
	if d == nil {
		return zerosOf(b, x.Fact.DType, b.Shape(x))
	}
	for i, n := range x.Fact.Shape {
		if len(d.Fact.Shape) != len(x.Fact.Shape) || !d.Fact.Shape[i].Same(n) {
			return b.Reshape(d, b.Shape(x))
		}
	}
	return d
}
