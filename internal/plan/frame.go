package plan

import (
	"context"
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Frame is the memory of one run of a plan. It serves one goroutine at a time; after the first run
// nothing is allocated, but for values whose shapes depend on data.
type Frame struct {
	p       *Plan
	pool    *kernel.Pool
	vals    []tensor.Any   // by Value.ID: headers over the memory that the value has in this frame
	calls   []op.Call      // by step
	shapes  []tensor.Shape // by Value.ID, of those that were bound to other memory
	members map[*ir.Value][]*ir.Value
	outputs []tensor.Any // where the caller wants the outputs
	swaps   [][]byte     // by copy, what a state is replaced with where that is another state's content
	run     running
	turns   int // of loops that the run has left
}

// running is what the steps of a run, and those of its subgraphs, have in common.
type running struct {
	ctx   context.Context
	rand  op.Rand
	turns *int // of loops that are left
}

// NewFrame returns the memory for a run. pool may be nil.
func (p *Plan) NewFrame(pool *kernel.Pool) (*Frame, error) {
	f := &Frame{
		p: p, pool: pool,
		vals:    make([]tensor.Any, len(p.facts)),
		calls:   make([]op.Call, len(p.steps)),
		shapes:  make([]tensor.Shape, len(p.facts)),
		members: map[*ir.Value][]*ir.Value{},
		outputs: make([]tensor.Any, len(p.g.Outputs)),
		swaps:   make([][]byte, len(p.copies)),
	}
	arena := aligned(p.arena)
	scratch := aligned(p.scratch)
	for _, v := range p.values() {
		if err := f.header(v, arena); err != nil {
			return nil, err
		}
	}
	for i, s := range p.steps {
		f.calls[i] = op.Call{In: f.headers(s.node.In), Out: f.headers(s.node.Out), Scratch: scratch[:s.scratch], Pool: pool}
		if s.subs != nil {
			f.calls[i].Sub = newControl(f, i)
		}
	}
	return f, nil
}

// values returns the values that a run touches.
func (p *Plan) values() []*ir.Value {
	var out []*ir.Value
	seen := make([]bool, len(p.facts))
	add := func(vs []*ir.Value) {
		for _, v := range vs {
			if v != nil && !seen[v.ID] {
				seen[v.ID] = true
				out = append(out, v)
			}
		}
	}
	add(p.g.Inputs)
	for _, s := range p.steps {
		add(s.node.In)
		add(s.node.Out)
	}
	add(p.g.Outputs)
	for _, c := range p.copies {
		add([]*ir.Value{c.state})
	}
	for _, st := range p.opt.Updates {
		add([]*ir.Value{st})
	}
	return out
}

// aligned returns n bytes that begin at a multiple of align.
func aligned(n int) []byte {
	b := make([]byte, n+align)
	return b[offsetTo(b):][:n]
}

// header makes the tensor that stands for a value in this frame.
func (f *Frame) header(v *ir.Value, arena []byte) error {
	fact, pl := f.p.facts[v.ID], f.p.place[v.ID]
	if fact.DType == tensor.Undefined && v.Kind == ir.Input { // not used by any step
		fact = v.Fact
	}
	if pl.root == nil && v.Kind == ir.Input {
		pl = place{root: v, kind: given}
	}
	if pl.root != nil && pl.root != v {
		f.members[pl.root] = append(f.members[pl.root], v)
		pl.kind, pl.offset = f.p.place[pl.root.ID].kind, f.p.place[pl.root.ID].offset
	}
	shape, _ := fact.Static()
	var err error
	switch pl.kind {
	case fixed:
		f.vals[v.ID] = fact.Const
	case state:
		base := pl.root.Data
		if pl.root != v {
			base, err = tensor.WithShape(base, shape)
		} else {
			base, err = tensor.WithShape(base, base.Shape())
		}
		f.vals[v.ID] = base
	case inArena:
		f.vals[v.ID], err = tensor.View(fact.DType, shape, arena[pl.offset:])
	case strs:
		f.vals[v.ID] = tensor.Zeros[string](shape...)
	default: // bound before or during the run
		f.vals[v.ID], err = tensor.Alloc(fact.DType, tensor.Shape{0})
	}
	return err
}

func (f *Frame) headers(vs []*ir.Value) []tensor.Any {
	out := make([]tensor.Any, len(vs))
	for i, v := range vs {
		if v != nil {
			out[i] = f.vals[v.ID]
		}
	}
	return out
}

// rebind points a root and the views of it at other memory.
func (f *Frame) rebind(root *ir.Value, t tensor.Any) error {
	if err := f.rebindOne(root, t); err != nil {
		return err
	}
	for _, v := range f.members[root] {
		if err := f.rebindOne(v, t); err != nil {
			return err
		}
	}
	return nil
}

func (f *Frame) rebindOne(v *ir.Value, t tensor.Any) error {
	if f.vals[v.ID] == nil {
		return nil // no step reads it
	}
	if f.shapes[v.ID] == nil {
		f.shapes[v.ID], _ = f.p.fact(v).Static()
	}
	return tensor.RebindAs(f.vals[v.ID], t, f.shapes[v.ID])
}

// SetInput gives input i for the runs to come. The tensor's type and shape must be the plan's.
func (f *Frame) SetInput(i int, t tensor.Any) error { return f.rebind(f.p.g.Inputs[i], t) }

// SetState gives the memory of a state, which runs read and replace.
func (f *Frame) SetState(v *ir.Value, t tensor.Any) error { return f.rebind(v, t) }

// SetOutput gives the memory for output i of the runs to come, of the output's type and shape.
func (f *Frame) SetOutput(i int, t tensor.Any) error {
	v := f.p.g.Outputs[i]
	f.outputs[i] = t
	if r := f.p.place[v.ID].root; r != nil && f.p.place[r.ID].kind == result && f.p.place[r.ID].offset == i {
		return f.rebind(r, t)
	}
	return nil
}

// OutputFact returns what is known of output i before a run.
func (p *Plan) OutputFact(i int) ir.Fact { return p.facts[p.g.Outputs[i].ID] }

// Dynamic reports whether the shape of output i is known only when a run has ended.
func (p *Plan) Dynamic(i int) bool {
	r := p.place[p.g.Outputs[i].ID].root
	return r != nil && p.place[r.ID].kind == late
}

// Output returns output i of the last run: the memory that SetOutput gave, or where the output is
// dynamic what the run allocated.
func (f *Frame) Output(i int) tensor.Any {
	if f.p.Dynamic(i) {
		v := f.vals[f.p.g.Outputs[i].ID]
		t, _ := tensor.WithShape(v, v.Shape())
		return t
	}
	return f.outputs[i]
}

// Run executes the plan once.
func (f *Frame) Run(ctx context.Context, rand op.Rand) error {
	f.turns = f.p.opt.MaxTurns
	return f.execute(running{ctx, rand, &f.turns})
}

func (f *Frame) execute(r running) error {
	f.run = r
	done := r.ctx.Done()
	for i := range f.p.steps {
		if done != nil {
			select {
			case <-done:
				return context.Cause(r.ctx)
			default:
			}
		}
		if err := f.step(i, r.rand); err != nil {
			return f.wrap(i, err)
		}
	}
	return f.copyOut()
}

func (f *Frame) step(i int, rand op.Rand) error {
	s, c := &f.p.steps[i], &f.calls[i]
	if s.random {
		c.Rand = rand
	}
	if s.kernel != nil {
		return s.kernel(c)
	}
	return f.late(s, c, rand)
}

// late runs a node whose shapes became known only now.
func (f *Frame) late(s *step, c *op.Call, rand op.Rand) error {
	out, err := f.p.set.EvalLimited(s.node, c.In, rand, f.pool, f.p.opt.MaxBytes)
	if err != nil {
		return err
	}
	for k, v := range s.node.Out {
		if v == nil || f.p.place[v.ID].kind == fixed {
			continue
		}
		if err := tensor.Rebind(c.Out[k], out[k]); err != nil {
			return fmt.Errorf("output %d: %w", k, err)
		}
		for _, view := range f.members[v] {
			if err := f.rebindOne(view, out[k]); err != nil {
				return fmt.Errorf("output %d: %w", k, err)
			}
		}
	}
	return nil
}

func (f *Frame) wrap(i int, err error) error {
	n := f.p.steps[i].node
	in := make([]ir.Fact, len(n.In))
	for k, t := range f.calls[i].In {
		if t != nil {
			in[k] = ir.Typed(t.DType(), ir.KnownShape(t.Shape())...)
		}
	}
	return op.Wrap("run", n, in, err)
}

// copyOut brings results to where they are wanted that could not be computed there.
func (f *Frame) copyOut() error {
	for i, c := range f.p.copies {
		if c.state == nil {
			if !f.p.Dynamic(c.output) {
				if err := tensor.Copy(f.outputs[c.output], f.vals[c.from.ID]); err != nil {
					return err
				}
			}
			continue
		}
		if f.ofState(c.from) { // which may be overwritten before its old content has gone where it is wanted
			f.swaps[i] = append(f.swaps[i][:0], tensor.Bytes(f.vals[c.from.ID])...)
		}
	}
	for i, c := range f.p.copies {
		if c.state == nil {
			continue
		}
		src := tensor.Bytes(f.vals[c.from.ID])
		if f.ofState(c.from) {
			src = f.swaps[i]
		}
		copy(tensor.Bytes(f.vals[c.state.ID]), src)
	}
	return nil
}

func (f *Frame) ofState(v *ir.Value) bool {
	r := f.p.place[v.ID].root
	return r != nil && r.Kind == ir.State
}
