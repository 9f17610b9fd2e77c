// Package plan turns a graph into something that runs: kernels bound to shapes, in order, with every
// value's place in memory decided beforehand. A Plan never changes once it is made; a [Frame] is the
// memory of one run.
package plan

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Options configure a plan.
type Options struct {
	// Updates maps outputs to the states that they replace when a run ends.
	Updates map[*ir.Value]*ir.Value
	// MaxBytes bounds the memory of a run; 0 is DefaultMaxBytes.
	MaxBytes int
	// MaxTurns bounds how often subgraphs are run in a run; 0 is op.DefaultTurns.
	MaxTurns int
}

// DefaultMaxBytes is the memory that a run may take where nothing else is said: 8 GiB, or what an int holds.
const DefaultMaxBytes = min(8<<30, math.MaxInt)

// Plan is a graph bound to input shapes.
type Plan struct {
	set     *op.Set
	g       *ir.Graph
	opt     Options
	facts   []ir.Fact // by Value.ID
	steps   []step
	place   []place // by Value.ID
	arena   int     // bytes
	scratch int
	copies  []copyOut
}

// step is one node to run. kernel is nil where shapes are known only once the run gets there.
type step struct {
	node    *ir.Node
	kernel  op.Kernel
	scratch int
	random  bool
	subs    *subplans // of a node with subgraphs
}

// where says what kind of memory a value has.
type where uint8

const (
	unused  where = iota
	inArena       // part of the frame's arena
	given         // a graph input: the caller's memory
	fixed         // a constant
	state         // a state's own memory
	result        // a graph output: the caller's memory
	late          // allocated when it is made
	strs          // strings: a slice of the frame's own
)

// place is where a value lives. Values that share memory have the same root.
type place struct {
	root   *ir.Value
	kind   where // of a root
	offset int
}

// copyOut is an output whose value lies elsewhere than where it is wanted.
type copyOut struct {
	from   *ir.Value
	state  *ir.Value // to this state, or
	output int       // to this output
}

// New binds a graph to the shapes of its inputs, in order; a nil shape keeps what the graph says, and
// has to be fully known there.
func New(set *op.Set, g *ir.Graph, shapes []tensor.Shape, opt Options) (*Plan, error) {
	facts := op.Facts(g.Inputs)
	for i, s := range shapes {
		if s != nil {
			facts[i] = facts[i].WithShape(ir.KnownShape(s))
		}
	}
	return bound(set, g, facts, opt)
}

// bound is New with all that is known of the inputs.
func bound(set *op.Set, g *ir.Graph, inputs []ir.Fact, opt Options) (*Plan, error) {
	if opt.MaxBytes == 0 {
		opt.MaxBytes = DefaultMaxBytes
	}
	if opt.MaxTurns == 0 {
		opt.MaxTurns = op.DefaultTurns
	}
	p := &Plan{set: set, g: g, opt: opt, facts: make([]ir.Fact, g.NumValues()), place: make([]place, g.NumValues())}
	for i, v := range g.Inputs {
		f := inputs[i]
		if _, ok := f.Static(); !ok {
			return nil, fmt.Errorf("%w: input %s is %v: its shape must be known", op.ErrShape, v.Name, f)
		}
		p.facts[v.ID] = f
	}
	if err := p.bind(); err != nil {
		return nil, err
	}
	return p, p.layout()
}

// Fact returns what the plan knows of a value.
func (p *Plan) Fact(v *ir.Value) ir.Fact { return p.facts[v.ID] }

// Bytes returns the memory that one run takes beside inputs, outputs, constants and states.
func (p *Plan) Bytes() int { return p.arena + p.scratch }

// Steps returns the number of nodes that a run executes.
func (p *Plan) Steps() int { return len(p.steps) }

// bind resolves the nodes that the outputs need and binds their kernels.
func (p *Plan) bind() error {
	for _, n := range live(p.g) {
		in := make([]ir.Fact, len(n.In))
		static := true
		for i, v := range n.In {
			if v != nil {
				in[i] = p.fact(v)
				_, ok := in[i].Static()
				static = static && ok
			}
		}
		r, err := p.set.Resolve(n, in)
		if err != nil {
			return err
		}
		known := true
		for i, v := range n.Out {
			if v == nil {
				continue
			}
			f := r.Out(i)
			p.facts[v.ID] = f
			shape, ok := f.Static()
			if ok {
				if size, ok := shape.Size(); !ok || size > p.opt.MaxBytes/max(1, f.DType.Size()) {
					return op.Wrap("bind", n, in, fmt.Errorf("%w: output %s would be %v", op.ErrLimit, v.Name, f))
				}
			}
			static = static && ok
			known = known && f.Const != nil
		}
		if known {
			continue
		}
		s := step{node: n, random: r.Def.Random}
		if r.Def.Control != nil {
			if s.kernel, err = r.Def.Control(r); err != nil {
				return op.Wrap("bind", n, in, err)
			}
			s.subs = newSubplans(p, n, in)
		} else if static && r.Def.Eval == nil {
			if s.kernel, err = r.Bind(); err != nil {
				return op.Wrap("bind", n, in, err)
			}
			s.scratch = r.ScratchSize()
			p.scratch = max(p.scratch, s.scratch)
		}
		p.steps = append(p.steps, s)
	}
	return nil
}

func (p *Plan) fact(v *ir.Value) ir.Fact {
	if p.facts[v.ID].DType == tensor.Undefined {
		switch v.Kind {
		case ir.Const:
			p.facts[v.ID] = ir.ConstFact(v.Data)
		case ir.State:
			p.facts[v.ID] = ir.ConstFact(v.Data).Like()
		}
	}
	return p.facts[v.ID]
}

// live returns the nodes that the outputs depend on, in order.
func live(g *ir.Graph) []*ir.Node {
	want := make([]bool, g.NumValues())
	for _, v := range g.Outputs {
		want[v.ID] = true
	}
	keep := make([]bool, len(g.Nodes))
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := g.Nodes[i]
		for _, v := range n.Out {
			keep[i] = keep[i] || v != nil && want[v.ID]
		}
		if keep[i] {
			for _, v := range n.In {
				if v != nil {
					want[v.ID] = true
				}
			}
		}
	}
	var out []*ir.Node
	for i, n := range g.Nodes {
		if keep[i] {
			out = append(out, n)
		}
	}
	return out
}
