package plan

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxSubplans is how many sets of input shapes the plans of a subgraph are kept for, and
// maxSubframes how many of them a frame keeps memory for.
const (
	maxSubplans  = 8
	maxSubframes = 3
)

// subplans holds the plans of a node's subgraphs, made when a run gets there with shapes that are new.
type subplans struct {
	set      *op.Set
	opt      Options
	captured []ir.Fact // of the node's last inputs, those that the subgraphs read

	mu    sync.Mutex
	plans map[*ir.Graph][]*Plan // most recently used first
}

func newSubplans(p *Plan, n *ir.Node, in []ir.Fact) *subplans {
	return &subplans{
		set: p.set, opt: Options{MaxBytes: p.opt.MaxBytes, MaxTurns: p.opt.MaxTurns},
		captured: in[len(in)-n.Captured():], plans: map[*ir.Graph][]*Plan{},
	}
}

// plan returns the plan of a subgraph for inputs of the given shapes. Two goroutines may make the same
// plan at once, which is harmless.
func (s *subplans) plan(g *ir.Graph, in []tensor.Any) (*Plan, error) {
	s.mu.Lock()
	list := s.plans[g]
	i := slices.IndexFunc(list, func(p *Plan) bool { return p.fits(in) })
	if i >= 0 {
		p := list[i]
		copy(list[1:], list[:i])
		list[0] = p
		s.mu.Unlock()
		return p, nil
	}
	s.mu.Unlock()
	facts := make([]ir.Fact, len(in))
	for i, t := range in {
		facts[i] = ir.Typed(t.DType(), ir.KnownShape(t.Shape())...)
		if k := i - (len(in) - len(s.captured)); k >= 0 {
			facts[i].Const, facts[i].Elems = s.captured[k].Const, s.captured[k].Elems
		}
	}
	p, err := bound(s.set, g, facts, s.opt)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans[g] = append([]*Plan{p}, s.plans[g][:min(len(s.plans[g]), maxSubplans-1)]...)
	return p, nil
}

// fits reports whether the plan is for inputs of these shapes.
func (p *Plan) fits(in []tensor.Any) bool {
	for i, v := range p.g.Inputs {
		if !sameSizes(p.facts[v.ID].Shape, in[i].Shape()) {
			return false
		}
	}
	return true
}

func sameSizes(a ir.Shape, b tensor.Shape) bool {
	for i, d := range a {
		if i >= len(b) || !d.Is(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

// control runs the subgraphs of one step in one frame.
type control struct {
	f      *Frame
	step   int
	frames map[*ir.Graph][]*subframe // most recently used first
}

// subframe is a subgraph's frame with two sets of outputs that take turns: what one run gives is what
// the next one reads.
type subframe struct {
	*Frame
	outs [2][]tensor.Any
	turn int
}

func newControl(f *Frame, step int) *control {
	return &control{f: f, step: step, frames: map[*ir.Graph][]*subframe{}}
}

// Run implements [op.Subgraphs].
func (c *control) Run(g *ir.Graph, turn int, in []tensor.Any) ([]tensor.Any, error) {
	r := c.f.run
	if r.ctx.Err() != nil {
		return nil, context.Cause(r.ctx)
	}
	if err := op.Spend(r.turns); err != nil {
		return nil, err
	}
	s, err := c.frame(g, in)
	if err != nil {
		return nil, err
	}
	for i, t := range in {
		if err := s.SetInput(i, t); err != nil {
			return nil, err
		}
	}
	s.turn ^= 1
	outs := s.outs[s.turn]
	for i, t := range outs {
		if t != nil && !s.p.Dynamic(i) {
			if err := s.SetOutput(i, t); err != nil {
				return nil, err
			}
		}
	}
	r.rand = r.rand.Turn(turn)
	if err := s.execute(r); err != nil {
		return nil, err
	}
	for i := range outs {
		if s.p.Dynamic(i) {
			outs[i] = s.Output(i)
		}
	}
	return outs, nil
}

// frame returns a frame of the subgraph for inputs of these shapes.
func (c *control) frame(g *ir.Graph, in []tensor.Any) (*subframe, error) {
	list := c.frames[g]
	for i, s := range list {
		if s.p.fits(in) {
			copy(list[1:], list[:i])
			list[0] = s
			return s, nil
		}
	}
	p, err := c.f.p.steps[c.step].subs.plan(g, in)
	if err != nil {
		return nil, err
	}
	s := &subframe{}
	if s.Frame, err = p.NewFrame(c.f.pool); err != nil {
		return nil, err
	}
	for k := range s.outs {
		s.outs[k] = make([]tensor.Any, len(g.Outputs))
		for i := range g.Outputs {
			if p.Dynamic(i) {
				continue
			}
			f := p.OutputFact(i)
			shape, _ := f.Static()
			if s.outs[k][i], err = tensor.Alloc(f.DType, shape); err != nil {
				return nil, err
			}
		}
	}
	c.frames[g] = append([]*subframe{s}, list[:min(len(list), maxSubframes-1)]...)
	return s, nil
}

// Give implements [op.Subgraphs].
func (c *control) Give(k int, t tensor.Any) error {
	n := c.f.p.steps[c.step].node
	if k >= len(n.Out) || n.Out[k] == nil {
		return nil
	}
	v := n.Out[k]
	header := c.f.vals[v.ID]
	if c.f.p.place[v.ID].kind == late {
		return tensor.Rebind(header, tensor.CloneAny(t))
	}
	if !header.Shape().Equal(t.Shape()) {
		return fmt.Errorf("%w: output %d is %v, expected %v", op.ErrShape, k, t.Shape(), header.Shape())
	}
	return tensor.Copy(header, t)
}

// MaxBytes implements [op.Subgraphs].
func (c *control) MaxBytes() int { return c.f.p.opt.MaxBytes }
