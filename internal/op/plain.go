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
		if err := ctx.Err(); err != nil {
			return nil, err
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
		out, err := s.eval(n, in, run{rand: rand})
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
