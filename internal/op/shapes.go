package op

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// InferSame gives output 0 the shape of input 0.
func InferSame(n *Node) error {
	f := n.In(0)
	n.SetOut(0, ir.Fact{Ranked: f.Ranked, Shape: f.Shape})
	return nil
}

// InferBroadcast gives output 0 the shape that all inputs broadcast to.
func InferBroadcast(n *Node) error {
	facts := make([]ir.Fact, n.NumIn())
	for i := range facts {
		facts[i] = n.In(i)
	}
	s, ranked, err := Broadcast(facts...)
	if err != nil {
		return err
	}
	n.SetOut(0, ir.Fact{Ranked: ranked, Shape: s})
	return nil
}

// Broadcast returns the shape that the facts' shapes broadcast to, aligned at the last axis;
// ranked is false where one of them may have any shape.
func Broadcast(facts ...ir.Fact) (s ir.Shape, ranked bool, err error) {
	rank := 0
	for _, f := range facts {
		if !f.Ranked {
			return nil, false, nil
		}
		rank = max(rank, len(f.Shape))
	}
	s = make(ir.Shape, rank)
	for i := range s {
		s[i] = ir.Known(1)
	}
	for _, f := range facts {
		for i, d := range f.Shape {
			at := rank - len(f.Shape) + i
			j, ok := joinDim(s[at], d)
			if !ok {
				return nil, false, Shapef("%v does not broadcast with %v: axis %d is %v and %v", f, s, at, d, s[at])
			}
			s[at] = j
		}
	}
	return s, true, nil
}

// joinDim returns the size that two sizes broadcast to.
func joinDim(a, b ir.Dim) (ir.Dim, bool) {
	switch {
	case a.Is(1):
		return b, true
	case b.Is(1), a.Same(b):
		return a, true
	}
	_, ka := a.Int()
	_, kb := b.Int()
	switch {
	case ka && kb:
		return a, false
	case ka: // b is symbolic: it is 1 or a
		return a, true
	case kb:
		return b, true
	}
	return ir.Unknown, true
}

// ResolveAxes returns the axes of a tensor of the given rank, each counted from the front, sorted as
// given. An axis out of range or named twice is an error.
func ResolveAxes(axes []int, rank int) ([]int, error) {
	out := make([]int, len(axes))
	seen := make([]bool, rank)
	for i, a := range axes {
		r, err := tensor.Axis(a, rank)
		if err != nil {
			return nil, Shapef("%v", err)
		}
		if seen[r] {
			return nil, Shapef("axis %d is named twice in %v", r, axes)
		}
		seen[r] = true
		out[i] = r
	}
	return out, nil
}
