package kernel

// Gather picks slices along an axis: with x seen as [outer][size][inner], it fills
// d[o][k] = x[o][index[k]].
type Gather[T any] struct {
	rows               *Rows[gather[T]]
	outer, size, inner int
}

type gather[T any] struct {
	d, x        []T
	index       []int
	size, inner int
}

// NewGather returns the walk for an operand of the given form and n indices.
func NewGather[T any](outer, size, inner, n int) *Gather[T] {
	g := &Gather[T]{outer: outer, size: size, inner: inner}
	if inner == 1 {
		g.rows = NewRows(n, gatherElems[T])
	} else {
		g.rows = NewRows(inner, gatherSlice[T])
	}
	return g
}

// Run fills d. Every index must be in [0, size).
func (g *Gather[T]) Run(p *Pool, d, x []T, index []int) {
	if len(d) == 0 {
		return
	}
	n := g.outer
	if g.inner != 1 {
		n *= len(index)
	}
	g.rows.Run(p, gather[T]{d, x, index, g.size, g.inner}, n)
}

func gatherElems[T any](a gather[T], o int) {
	x, d := a.x[o*a.size:(o+1)*a.size], a.d[o*len(a.index):(o+1)*len(a.index)]
	for i, k := range a.index {
		d[i] = x[k]
	}
}

func gatherSlice[T any](a gather[T], r int) {
	o, k := r/len(a.index), a.index[r%len(a.index)]
	from := (o*a.size + k) * a.inner
	copy(a.d[r*a.inner:(r+1)*a.inner], a.x[from:from+a.inner])
}
