package train

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// content is what a value of a step held.
type content struct {
	nan, inf bool
	at       int // the first number that is not finite
	lo, hi   float64
	t        string // type and shape
}

// nanSearch follows a step node by node.
type nanSearch struct {
	held  map[*ir.Value]content
	order map[*ir.Node]int
}

// findNaN does a step again and finds what made the number in e. The trainer's state is then that after the
// step.
func (t *Trainer) findNaN(b *data.Batch, e *NaNError) error {
	p, err := t.stepPass(b)
	if err != nil {
		return err
	}
	in, err := t.arrange(b, p.run, p.in)
	if err != nil {
		return err
	}
	t.rateIn.Data()[0], t.stepIn.Data()[0] = float32(t.rate), t.steps
	s := &nanSearch{map[*ir.Value]content{}, map[*ir.Node]int{}}
	look := func(vs []*ir.Value, ts []tensor.Any) {
		for i, v := range vs {
			if _, seen := s.held[v]; v != nil && !seen {
				s.held[v] = contentOf(ts[i])
			}
		}
	}
	err = p.run.runEach(in, op.Rand{Seed: t.cfg.Seed, Step: uint64(t.steps)},
		func(n *ir.Node, ts []tensor.Any) { look(n.In, ts) },
		func(n *ir.Node, ts []tensor.Any) { s.order[n] = len(s.order); look(n.Out, ts) })
	if err != nil {
		return err
	}
	g := p.run.graph
	from := g.Outputs[0]
	if name, ok := strings.CutPrefix(e.Of, "parameter "); ok {
		at := slices.IndexFunc(g.Outputs, func(v *ir.Value) bool { return p.run.update[v] != nil && p.run.update[v].Name == name })
		if at < 0 {
			return fmt.Errorf("train: parameter %s is not finite", name)
		}
		from = g.Outputs[at]
	}
	s.explain(from, e)
	return nil
}

// explain fills in where the number of a value came from.
func (s *nanSearch) explain(from *ir.Value, e *NaNError) {
	v := s.origin(from, s.held[from].nan)
	if n := v.Node; n != nil {
		for _, in := range n.In { // NaN that comes of infinity: inf-inf, 0*inf
			if c := s.held[in]; in != nil && !c.nan && c.inf && s.held[v].nan && in.Kind != ir.Const {
				v = s.origin(in, false)
				break
			}
		}
	}
	n := v.Node
	if n == nil {
		e.Source = s.source(v)
		return
	}
	e.Node, e.Op, e.Phase = n.Name, op.OpName(n), "forward"
	switch {
	case strings.HasPrefix(n.Name, "optimizer/"):
		e.Phase = "optimizer"
	case strings.Contains(n.Name, "_grad/"):
		e.Phase = "backward"
	}
	var inputs []string
	for _, in := range n.In {
		if c, ok := s.held[in]; ok {
			inputs = append(inputs, fmt.Sprintf("%s %s %s", in.Name, c.t, c.values()))
		}
	}
	e.Inputs = strings.Join(inputs, ", ")
}

// origin goes back from a value along the values that are NaN, or infinite, as it is, to the one that a node
// made from others that are not: the first of them in the order of the step.
func (s *nanSearch) origin(from *ir.Value, nan bool) *ir.Value {
	same := func(v *ir.Value) bool {
		c, ok := s.held[v]
		return ok && (nan && c.nan || !nan && c.inf)
	}
	best := from
	seen := map[*ir.Value]bool{}
	place := func(v *ir.Value) int {
		if v.Node == nil {
			return -1
		}
		return s.order[v.Node]
	}
	var walk func(v *ir.Value)
	found := false
	walk = func(v *ir.Value) {
		if seen[v] {
			return
		}
		seen[v] = true
		first := true
		if v.Node != nil {
			for _, in := range v.Node.In {
				if in != nil && same(in) && (nan || in.Kind != ir.Const) { // masks hold -inf
					first = false
					walk(in)
				}
			}
		}
		if first && (!found || place(v) < place(best)) {
			best, found = v, true
		}
	}
	walk(from)
	return best
}

// source describes a value that held the number when the step began.
func (s *nanSearch) source(v *ir.Value) string {
	c := s.held[v]
	what := "NaN"
	if !c.nan {
		what = "an infinite number"
	}
	if v.Kind == ir.Input {
		width := 1
		if shape, ok := v.Fact.Shape[min(1, len(v.Fact.Shape)):].Known(); ok {
			width = max(1, shape.Len())
		}
		return fmt.Sprintf("input %s holds %s in row %d, column %d of the batch", v.Name, what, c.at/width, c.at%width)
	}
	if v.Kind == ir.State {
		return fmt.Sprintf("%s %s held %s before the step, at element %d", v.Name, c.t, what, c.at)
	}
	return fmt.Sprintf("constant %s %s holds %s", v.Name, c.t, what)
}

func contentOf(t tensor.Any) content {
	c := content{at: -1, lo: math.Inf(1), hi: math.Inf(-1)}
	if t == nil {
		return c
	}
	c.t = t.DType().String() + t.Shape().String()
	if !t.DType().IsFloat() {
		return c
	}
	for i := range t.Len() {
		v := numberAt(t, i)
		switch {
		case math.IsNaN(v):
			c.nan = true
		case math.IsInf(v, 0):
			c.inf = true
		default:
			c.lo, c.hi = min(c.lo, v), max(c.hi, v)
			continue
		}
		if c.at < 0 {
			c.at = i
		}
	}
	return c
}

// values describes a content's range.
func (c content) values() string {
	var parts []string
	if c.lo <= c.hi {
		parts = append(parts, fmt.Sprintf("[%.4g,%.4g]", c.lo, c.hi))
	}
	if c.nan {
		parts = append(parts, "NaN")
	}
	if c.inf {
		parts = append(parts, "Inf")
	}
	return strings.Join(parts, " and ")
}
