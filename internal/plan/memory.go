package plan

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// align is the alignment of every value in the arena, in bytes: a cache line, and a vector register.
const align = 64

// layout decides where every value lives.
func (p *Plan) layout() error {
	last := p.lastUses()
	for _, s := range p.steps {
		for _, v := range s.node.In {
			if v != nil {
				p.root(v)
			}
		}
	}
	update := map[*ir.Value]*ir.Value{}
	for out, st := range p.opt.Updates {
		p.fact(st)
		p.root(st)
		update[out] = st
	}
	for _, v := range p.g.Outputs {
		p.fact(v)
		p.root(v)
	}
	for i := range p.steps {
		p.placeOutputs(i, last, update)
	}
	p.claimResults()
	return p.pack(last)
}

// root gives inputs, constants and states their places; computed values get theirs in placeOutputs.
func (p *Plan) root(v *ir.Value) {
	if p.place[v.ID].root != nil {
		return
	}
	kind := unused
	switch {
	case v.Kind == ir.Input:
		kind = given
	case v.Kind == ir.State:
		kind = state
	case p.facts[v.ID].Const != nil:
		kind = fixed
	default:
		return
	}
	p.place[v.ID] = place{root: v, kind: kind}
}

// lastUses returns, by Value.ID, the last step that reads a value; outputs are read when all is done.
// Values that will share memory are joined by placeOutputs as it goes.
func (p *Plan) lastUses() []int {
	last := make([]int, len(p.facts))
	for i := range last {
		last[i] = -1
	}
	for i, s := range p.steps {
		for _, v := range s.node.In {
			if v != nil {
				last[v.ID] = i
			}
		}
	}
	for _, v := range p.g.Outputs {
		last[v.ID] = len(p.steps)
	}
	p.joinViews(last)
	return last
}

// joinViews makes a value live as long as the views of it.
func (p *Plan) joinViews(last []int) {
	for i := len(p.steps) - 1; i >= 0; i-- {
		s := p.steps[i]
		if p.isView(s) {
			in, out := s.node.In[0], s.node.Out[0]
			last[in.ID] = max(last[in.ID], last[out.ID])
		}
	}
}

// isView reports whether a step's output is its input's memory with another shape.
func (p *Plan) isView(s step) bool {
	return s.kernel != nil && p.set.Lookup(s.node.Domain, s.node.Op).View
}

// placeOutputs decides whose memory the outputs of a step get.
func (p *Plan) placeOutputs(i int, last []int, update map[*ir.Value]*ir.Value) {
	s := p.steps[i]
	for k, v := range s.node.Out {
		if v == nil {
			continue
		}
		f := p.facts[v.ID]
		if f.Const != nil {
			p.place[v.ID] = place{root: v, kind: fixed}
			continue
		}
		_, static := f.Static()
		switch st := update[v]; {
		case s.kernel == nil || !static:
			p.place[v.ID] = place{root: v, kind: late}
		case k == 0 && p.isView(s) && p.place[s.node.In[0].ID].root != nil:
			r := p.place[s.node.In[0].ID].root
			p.place[v.ID] = place{root: r}
		case st != nil && p.free(st, i, last, s):
			p.place[v.ID] = place{root: st}
		case f.DType == tensor.String:
			p.place[v.ID] = place{root: v, kind: strs}
		default:
			p.place[v.ID] = place{root: v, kind: inArena}
			if k == 0 {
				p.tryInPlace(i, v, last)
			}
		}
	}
}

// free reports whether step i may write its first output over a state: nobody reads the state later,
// and the step itself only if its operator works in place.
func (p *Plan) free(st *ir.Value, i int, last []int, s step) bool {
	if last[st.ID] > i || !sameForm(p.facts[st.ID], p.facts[s.node.Out[0].ID]) {
		return false
	}
	def := p.set.Lookup(s.node.Domain, s.node.Op)
	for k, v := range s.node.In {
		if v != nil && p.place[v.ID].root == st && (!slices.Contains(def.InPlace, k) || !sameForm(p.facts[v.ID], p.facts[st.ID])) {
			return false
		}
	}
	return true
}

// tryInPlace gives the first output of step i the memory of an input that nobody reads afterwards.
func (p *Plan) tryInPlace(i int, out *ir.Value, last []int) {
	s := p.steps[i]
	for _, k := range p.set.Lookup(s.node.Domain, s.node.Op).InPlace {
		if k >= len(s.node.In) || s.node.In[k] == nil {
			continue
		}
		in := s.node.In[k]
		root := p.place[in.ID].root
		if root == nil || p.place[root.ID].kind != inArena || last[root.ID] > i || !sameForm(p.facts[in.ID], p.facts[out.ID]) {
			continue
		}
		if p.readsOtherForm(s, k, root) {
			continue
		}
		p.place[out.ID] = place{root: root}
		last[root.ID] = max(last[root.ID], last[out.ID])
		return
	}
}

// readsOtherForm reports whether a step reads the memory of input k through another input in a way
// that is not element by element with it.
func (p *Plan) readsOtherForm(s step, k int, root *ir.Value) bool {
	for j, v := range s.node.In {
		if j != k && v != nil && p.place[v.ID].root == root && !sameForm(p.facts[v.ID], p.facts[s.node.In[k].ID]) {
			return true
		}
	}
	return false
}

func sameForm(a, b ir.Fact) bool {
	x, ok := a.Static()
	y, ok2 := b.Static()
	return ok && ok2 && a.DType == b.DType && x.Equal(y)
}

// claimResults lets outputs be written to the caller's memory, or copied there where they share
// memory with something else, and states be replaced.
func (p *Plan) claimResults() {
	claimed := map[*ir.Value]bool{}
	for i, v := range p.g.Outputs {
		pl := p.place[v.ID]
		if st := p.opt.Updates[v]; st != nil {
			if pl.root != st {
				p.copies = append(p.copies, copyOut{from: v, state: st})
			}
			continue
		}
		if pl.root != nil && p.place[pl.root.ID].kind == inArena && !claimed[pl.root] {
			p.place[pl.root.ID].kind = result
			p.place[pl.root.ID].offset = i
			claimed[pl.root] = true
			continue
		}
		p.copies = append(p.copies, copyOut{from: v, output: i})
	}
}

// span is a stretch of memory that is in use from one step to another.
type span struct {
	v          *ir.Value
	size       int
	start, end int
	offset     int
}

// pack gives the values of the arena offsets so that no two that live at the same time overlap: the
// largest first, each at the lowest offset that is free for as long as it lives.
func (p *Plan) pack(last []int) error {
	var spans []span
	for i, s := range p.steps {
		for _, v := range s.node.Out {
			if v == nil || p.place[v.ID].root != v || p.place[v.ID].kind != inArena {
				continue
			}
			f := p.facts[v.ID]
			shape, _ := f.Static()
			size := (shape.Len()*f.DType.Size() + align - 1) &^ (align - 1)
			spans = append(spans, span{v: v, size: size, start: i, end: max(i, last[v.ID])})
		}
	}
	slices.SortStableFunc(spans, func(a, b span) int { return b.size - a.size })
	placed := make([]span, 0, len(spans))
	for _, s := range spans {
		s.offset = lowestFree(placed, s)
		if s.size > p.opt.MaxBytes-s.offset {
			return fmt.Errorf("%w: a run would take more than %d bytes of memory", op.ErrLimit, p.opt.MaxBytes)
		}
		p.arena = max(p.arena, s.offset+s.size)
		p.place[s.v.ID].offset = s.offset
		at, _ := slices.BinarySearchFunc(placed, s, func(a, b span) int { return a.offset - b.offset })
		placed = slices.Insert(placed, at, s)
	}
	return nil
}

// lowestFree returns the lowest offset at which s fits beside the placed spans, sorted by offset,
// that live at the same time.
func lowestFree(placed []span, s span) int {
	at := 0
	for _, q := range placed {
		if q.end < s.start || s.end < q.start {
			continue
		}
		if q.offset >= at+s.size {
			break
		}
		at = max(at, q.offset+q.size)
	}
	return at
}
