package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
)

// onesMoved reports whether what is permuted are axes of size 1 alone: the elements have their order already.
func onesMoved(w view) bool {
	var long []int
	for _, p := range w.perm {
		if !w.src.Fact.Shape[p].Is(1) {
			long = append(long, p)
		}
	}
	return slices.IsSorted(long) && w.perm[0] == 0
}

func pushFlatten(l *layout, n *ir.Node) bool {
	w := l.view(n.In[0])
	if a, ok := n.Attr("axis").(int64); ok && a != 1 || !onesMoved(w) {
		return false
	}
	n.In[0] = w.src
	return true
}

// pushReshape is for a Reshape that splits and joins axes which stay together, such as the channels in
// groups of a channel shuffle.
func pushReshape(l *layout, n *ir.Node) bool {
	w := l.view(n.In[0])
	if shape, ok := constInts(n.In[1]); ok && onesMoved(w) && !slices.Contains(shape[min(1, len(shape)):], 0) {
		n.In[0] = w.src
		return true
	}
	groups := regroup(w, n.Out[0].Fact.Shape)
	if groups == nil || n.Attr("allowzero") != nil {
		return false
	}
	rank := n.Out[0].Fact.Rank()
	src := w.src
	if inOrder(groups) {
		slices.SortFunc(groups, func(a, b group) int { return a.in[0] - b.in[0] })
	} else { // a Transpose is needed: it brings the channels where the next layer wants them
		last := groups[len(groups)-1]
		if rank < 3 || len(groups) < 3 || len(groups[0].out) != 1 || len(last.out) != 1 {
			return false
		}
		groups = append([]group{groups[0], last}, groups[1:len(groups)-1]...)
	}
	perm := make([]int, rank)
	place := 0
	for _, g := range groups {
		for _, a := range g.out {
			perm[a] = place
			place++
		}
	}
	moved, plain := l.wants(n.Out[0], perm)
	ordered := inOrder(groups)
	if !isIdentity(perm) && plain || !ordered && !moved {
		return false
	}
	shape, ok := regrouped(groups, n.Out[0].Fact.Shape, src.Fact.Shape, ordered)
	if !ok {
		return false
	}
	if !ordered {
		var to []int
		for _, g := range groups {
			to = append(to, g.in...)
		}
		src = l.transposed(src, to, n.Name)
	}
	n.In[0], n.In[1] = src, l.integers(n.In[1], shape)
	l.becomes(n.Out[0], perm)
	return true
}

// group is a run of axes that a Reshape makes of another run: in are places in what is permuted, out axes of
// the result.
type group struct{ in, out []int }

// inOrder reports whether the axes of each group are neighbours in what is permuted.
func inOrder(groups []group) bool {
	for _, g := range groups {
		for i, a := range g.in {
			if a != g.in[0]+i {
				return false
			}
		}
	}
	return true
}

// regroup takes a Reshape apart into groups, from the back and from the front; the sizes between them make
// one group. nil: there is but one.
func regroup(w view, out ir.Shape) []group {
	in := make(ir.Shape, len(w.perm))
	for i, p := range w.perm {
		in[i] = w.src.Fact.Shape[p]
	}
	var front, back []group
	i, o, iEnd, oEnd := 0, 0, len(in), len(out)
	add := func(list *[]group, i, iEnd, o, oEnd int) {
		g := group{in: slices.Clone(w.perm[i:iEnd])}
		for ; o < oEnd; o++ {
			g.out = append(g.out, o)
		}
		*list = append(*list, g)
	}
	for i < iEnd && o < oEnd {
		a, b := run(in[i:iEnd], out[o:oEnd], false)
		if a == 0 {
			break
		}
		add(&front, i, i+a, o, o+b)
		i, o = i+a, o+b
	}
	for i < iEnd && o < oEnd {
		a, b := run(in[i:iEnd], out[o:oEnd], true)
		if a == 0 {
			break
		}
		add(&back, iEnd-a, iEnd, oEnd-b, oEnd)
		iEnd, oEnd = iEnd-a, oEnd-b
	}
	switch {
	case (i < iEnd) != (o < oEnd):
		return nil // axes of size 1 alone, which belong to none
	case i < iEnd:
		add(&front, i, iEnd, o, oEnd)
	}
	slices.Reverse(back)
	if front = append(front, back...); len(front) < 2 {
		return nil
	}
	return front
}

// run returns how many sizes of in and of out, from the front or from the back, have the same product; 0
// where that cannot be told.
func run(in, out ir.Shape, fromBack bool) (a, b int) {
	at := func(s ir.Shape, i int) ir.Dim {
		if fromBack {
			i = len(s) - 1 - i
		}
		return s[i]
	}
	if at(in, 0).Same(at(out, 0)) {
		return 1, 1
	}
	p, ok := at(in, 0).Int()
	q, ok2 := at(out, 0).Int()
	for a, b = 1, 1; ok && ok2 && p > 0 && q > 0; {
		k := 0
		switch {
		case p == q:
			return a, b
		case p < q && a < len(in):
			k, ok = at(in, a).Int()
			p, a = p*k, a+1
		case q < p && b < len(out):
			k, ok2 = at(out, b).Int()
			q, b = q*k, b+1
		default:
			return 0, 0
		}
	}
	return 0, 0
}

// regrouped returns the sizes that a Reshape gives the groups one after another: one may be unknown, and the
// first, where it stays.
func regrouped(groups []group, out, src ir.Shape, ordered bool) ([]int, bool) {
	var shape []int
	unknown := 0
	for _, g := range groups {
		for _, a := range g.out {
			n, ok := out[a].Int()
			switch {
			case ok && n > 0:
				shape = append(shape, n)
			case len(shape) == 0 && g.in[0] == 0 && len(g.in) == 1 && len(g.out) == 1:
				shape = append(shape, 0)
			default:
				shape = append(shape, -1)
				unknown++
			}
		}
	}
	return shape, unknown < 2
}
