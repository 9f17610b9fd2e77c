package keras

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// layout takes Transposes out of a graph. It walks the nodes in order and holds Transposes back: of each
// value it knows of which other it is a permutation. Operators that work on any layout take the other and
// hand the permutation on (Relu, Add, Concat, Pad, ReduceMean, ...); where an operator needs the axes in
// their order, what has come together of permutations is applied by one Transpose, or by none where they
// cancel. So a network with its channels last keeps one Transpose at each edge.
type layout struct {
	b     *op.Builder
	views map[*ir.Value]view
	made  map[string]*ir.Value    // by source and permutation, what has been transposed
	moved map[string]*ir.Value    // by source and kind, constants in another layout
	from  map[*ir.Value]*ir.Value // of a constant in another layout, what it was
	push  map[string]pusher
	reads map[*ir.Value][]*ir.Node // by value, the nodes that take it
	outs  map[*ir.Value]bool
}

// view says that axis i of a value is axis perm[i] of src.
type view struct {
	src  *ir.Value
	perm []int
}

// relayout runs the pass. The outputs may become other values.
func relayout(b *op.Builder, outs []output, t *training) {
	l := &layout{
		b: b, views: map[*ir.Value]view{}, made: map[string]*ir.Value{}, moved: map[string]*ir.Value{}, from: map[*ir.Value]*ir.Value{},
		push: pushers(), reads: map[*ir.Value][]*ir.Node{}, outs: map[*ir.Value]bool{},
	}
	l.push["Identity"] = pushMark(t)
	t.moved = l.from
	nodes := b.G.Nodes
	b.G.Nodes = nil
	for _, n := range nodes {
		for _, v := range n.In {
			if v != nil && v.Kind != ir.Const {
				l.reads[v] = append(l.reads[v], n)
			}
		}
	}
	for _, v := range values(outs) {
		l.outs[v] = true
	}
	for _, n := range nodes {
		l.node(n)
	}
	for i := range outs {
		outs[i].v = l.plain(outs[i].v, outs[i].layer+"/")
	}
	b.G.Prune(values(outs)...)
	l.keepNames()
}

func values(outs []output) []*ir.Value {
	v := make([]*ir.Value, len(outs))
	for i := range outs {
		v[i] = outs[i].v
	}
	return v
}

// keepNames gives a constant in another layout its old name where nothing reads the old one any more.
func (l *layout) keepNames() {
	used := map[*ir.Value]bool{}
	for _, n := range l.b.G.Nodes {
		for _, v := range n.In {
			used[v] = true
		}
	}
	taken := map[*ir.Value]bool{}
	for _, n := range l.b.G.Nodes {
		for _, v := range n.In {
			if old := l.from[v]; old != nil && !used[old] && !taken[old] {
				taken[old] = true
				l.b.G.Rename(v, old.Name)
			}
		}
	}
}

func (l *layout) view(v *ir.Value) view {
	if w, ok := l.views[v]; ok {
		return w
	}
	return view{v, identityPerm(v.Fact.Rank())}
}

func identityPerm(n int) []int {
	p := make([]int, max(n, 0))
	for i := range p {
		p[i] = i
	}
	return p
}

func isIdentity(p []int) bool { return slices.IsSorted(p) }

func inversePerm(p []int) []int {
	q := make([]int, len(p))
	for i, k := range p {
		q[k] = i
	}
	return q
}

// through returns the permutation that is q after p: axis i is axis p[q[i]].
func through(p, q []int) []int {
	r := make([]int, len(q))
	for i, k := range q {
		r[i] = p[k]
	}
	return r
}

// emit appends a node that stays.
func (l *layout) emit(n *ir.Node) { l.b.G.Nodes = append(l.b.G.Nodes, n) }

// transposed returns src with its axes permuted, by a node unless there is one already. The name is that
// of the layer which needs it.
func (l *layout) transposed(src *ir.Value, perm []int, node string) *ir.Value {
	if isIdentity(perm) {
		return src
	}
	key := fmt.Sprint(src.ID, perm)
	if l.made[key] == nil {
		scope := ""
		if i := strings.LastIndexByte(node, '/'); i > 0 {
			scope = node[:i]
		}
		l.b.Do(scope, func() { l.made[key] = l.b.Transpose(src, perm...) })
	}
	return l.made[key]
}

// plain returns a value with its axes in their order.
func (l *layout) plain(v *ir.Value, node string) *ir.Value {
	w := l.view(v)
	if v.Node != nil && v.Node.Op == "Transpose" && w.src != v && !isIdentity(w.perm) {
		key := fmt.Sprint(w.src.ID, w.perm)
		if l.made[key] == nil { // the node that was held back
			v.Node.In = []*ir.Value{w.src}
			v.Node.SetAttr("perm", op.Attr("perm", w.perm).Value)
			l.emit(v.Node)
			l.made[key] = v
		}
		return l.made[key]
	}
	return l.transposed(w.src, w.perm, node)
}

func (l *layout) node(n *ir.Node) {
	if n.Domain == "" {
		if n.Op == "Transpose" {
			l.hold(n)
			return
		}
		if push := l.push[n.Op]; push != nil && l.anyMoved(n) && push(l, n) {
			l.emit(n)
			return
		}
	}
	for i, v := range n.In {
		if v != nil {
			n.In[i] = l.plain(v, n.Name)
		}
	}
	l.emit(n)
}

// hold notes what a Transpose gives and leaves it out.
func (l *layout) hold(n *ir.Node) {
	in, out := n.In[0], n.Out[0]
	w := l.view(in)
	q := permOf(n)
	if len(q) != len(w.perm) {
		n.In[0] = l.plain(in, n.Name)
		l.emit(n)
		return
	}
	l.views[out] = view{w.src, through(w.perm, q)}
}

func permOf(n *ir.Node) []int {
	v, _ := n.Attr("perm").([]int64)
	out := make([]int, len(v))
	for i, k := range v {
		out[i] = int(k)
	}
	return out
}

func (l *layout) anyMoved(n *ir.Node) bool {
	for _, v := range n.In {
		if v != nil && !isIdentity(l.view(v).perm) {
			return true
		}
	}
	return false
}

// becomes notes that an output now has its axes elsewhere: axis i of what it was is axis perm[i] of what
// it is.
func (l *layout) becomes(v *ir.Value, perm []int) {
	if v == nil || isIdentity(perm) {
		return
	}
	s := make(ir.Shape, len(perm))
	for i, p := range perm {
		s[p] = v.Fact.Shape[i]
	}
	v.Fact = v.Fact.WithShape(s)
	l.views[v] = view{v, perm}
}
