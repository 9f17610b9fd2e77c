package keras

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
)

// common returns the layout that all inputs are brought to, and false for the axes in their order. Inputs
// that agree decide it; where they do not, what costs fewer Transposes, of the inputs and of what reads the
// result, and of two that cost the same the channels-last one.
func (l *layout) common(n *ir.Node, rank int) ([]int, bool) {
	var perm []int
	agree := true
	for _, v := range n.In {
		if v.Kind == ir.Const {
			continue
		}
		w := l.view(v)
		if r := len(w.perm); r != rank {
			if r != 0 {
				return nil, false
			}
			continue
		}
		switch {
		case perm == nil:
			perm = w.perm
		case !slices.Equal(perm, w.perm):
			agree = false
			if isIdentity(perm) {
				perm = w.perm
			}
		}
	}
	if perm == nil || isIdentity(perm) {
		return nil, false
	}
	if !agree && (!isChannelsLast(perm) || !l.pays(n, perm)) {
		return nil, false
	}
	return perm, true
}

// pays reports whether a node whose inputs have different layouts takes no more Transposes in one of them
// than with the axes in their order.
func (l *layout) pays(n *ir.Node, perm []int) bool {
	cost := func(to []int) int {
		need := map[string]bool{}
		for _, v := range n.In {
			w := l.view(v)
			if v.Kind == ir.Const || len(w.perm) != len(to) {
				continue
			}
			q := through(w.perm, inversePerm(to))
			if onesMoved(view{w.src, q}) {
				continue
			}
			if key := fmt.Sprint(w.src.ID, q); l.made[key] == nil {
				need[key] = true
			}
		}
		return len(need)
	}
	moved, plain := cost(perm), cost(identityPerm(len(perm)))
	wantsMoved, wantsPlain := l.wants(n.Out[0], perm)
	if wantsMoved {
		plain++
	}
	if wantsPlain {
		moved++
	}
	return moved <= plain
}

// wants looks at what reads a value, behind operators that work on any layout: whether a Transpose that perm
// undoes is among it, and whether something is that needs the axes in their order.
func (l *layout) wants(v *ir.Value, perm []int) (moved, plain bool) {
	const far = 256 // values looked at
	seen := map[*ir.Value]bool{v: true}
	for next := []*ir.Value{v}; len(next) > 0 && len(seen) < far; {
		v, next = next[0], next[1:]
		plain = plain || l.outs[v]
		for _, n := range l.reads[v] {
			switch {
			case n.Domain == "" && n.Op == "Transpose":
				q := permOf(n)
				moved = moved || len(q) == len(perm) && isIdentity(through(perm, q))
			case strings.HasPrefix(n.Op, "Reduce"): // is of any layout, and another follows it
			case n.Domain != "" || l.push[n.Op] == nil || n.Op == "Reshape" || n.Op == "Flatten" || n.Out[0].Fact.Rank() != len(perm):
				plain = true
			case !seen[n.Out[0]]:
				seen[n.Out[0]] = true
				next = append(next, n.Out[0])
			}
		}
	}
	return moved, plain
}

// isChannelsLast reports whether a permutation brings axis 1 to the end.
func isChannelsLast(p []int) bool { return len(p) > 2 && slices.Equal(p, channelsLast(len(p))) }

// channelsLast returns the permutation that brings axis 1 to the end.
func channelsLast(rank int) []int {
	p := identityPerm(rank)
	for i := 1; i < rank; i++ {
		p[i] = i%(rank-1) + 1
	}
	return p
}
