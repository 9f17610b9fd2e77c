package op

import (
	"context"
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// EvalGraph computes every value of a graph, one node after the other, each into memory of its own:
// the plain way that plans are checked against. feed holds the inputs, and states that are not at
// their initial content. The result is indexed by Value.ID.
func (s *Set) EvalGraph(ctx context.Context, g *ir.Graph, feed map[*ir.Value]tensor.Any, rand Rand) ([]tensor.Any, error) {
	return s.EvalBounded(ctx, g, feed, rand, 0, DefaultTurns)
}

// EvalBounded is EvalGraph with bounds for the bytes of a value (0 is none) and the turns of loops.
func (s *Set) EvalBounded(ctx context.Context, g *ir.Graph, feed map[*ir.Value]tensor.Any, rand Rand, maxBytes, turns int) ([]tensor.Any, error) {
	return s.evalGraph(g, feed, run{ctx: ctx, rand: rand, maxBytes: maxBytes, turns: &turns})
}

func (s *Set) evalGraph(g *ir.Graph, feed map[*ir.Value]tensor.Any, w run) ([]tensor.Any, error) {
	vals := make([]tensor.Any, g.NumValues())
	get := func(v *ir.Value) (tensor.Any, error) {
		if vals[v.ID] != nil {
			return vals[v.ID], nil
		}
		t := feed[v]
		if t == nil {
			t = v.Data
		}
		if t == nil {
			return nil, fmt.Errorf("no value for %s", v)
		}
		vals[v.ID] = t
		return t, nil
	}
	for _, n := range g.Nodes {
		if err := w.ctx.Err(); err != nil {
			return nil, context.Cause(w.ctx)
		}
		in := make([]tensor.Any, len(n.In))
		for i, v := range n.In {
			if v != nil {
				var err error
				if in[i], err = get(v); err != nil {
					return nil, err
				}
			}
		}
		out, err := s.eval(n, in, w)
		if err != nil {
			return nil, err
		}
		for i, v := range n.Out {
			if v != nil {
				vals[v.ID] = out[i]
			}
		}
	}
	for _, v := range g.Outputs {
		if _, err := get(v); err != nil {
			return nil, err
		}
	}
	return vals, nil
}

// plainSub runs subgraphs the plain way.
type plainSub struct {
	set *Set
	run run
	out []tensor.Any // of the node
}

func (p *plainSub) Run(g *ir.Graph, turn int, in []tensor.Any) ([]tensor.Any, error) {
	if p.run.ctx == nil {
		p.run.ctx = context.Background()
	}
	if p.run.turns == nil {
		turns := DefaultTurns
		p.run.turns = &turns
	}
	if p.run.ctx.Err() != nil {
		return nil, context.Cause(p.run.ctx)
	}
	if err := Spend(p.run.turns); err != nil {
		return nil, err
	}
	feed := map[*ir.Value]tensor.Any{}
	for i, v := range g.Inputs {
		feed[v] = in[i]
	}
	w := p.run
	w.rand = w.rand.Turn(turn)
	vals, err := p.set.evalGraph(g, feed, w)
	if err != nil {
		return nil, err
	}
	out := make([]tensor.Any, len(g.Outputs))
	for i, v := range g.Outputs {
		out[i] = vals[v.ID]
		if v.Kind != ir.Computed { // the caller may write to its inputs
			out[i] = tensor.CloneAny(out[i])
		}
	}
	return out, nil
}

func (p *plainSub) Give(k int, t tensor.Any) error {
	if k < len(p.out) {
		p.out[k] = tensor.CloneAny(t)
	}
	return nil
}

func (p *plainSub) MaxBytes() int { return p.run.maxBytes }
