package kernel

// Pad fills a tensor from places of a smaller one that a table names for each axis.
type Pad[T any] struct {
	maps     [][]int // by axis: where in the operand a coordinate comes from, -1 for the constant
	rows     *Rows[padded[T]]
	inner, n int
}

type padded[T any] struct {
	d, x  []T
	value T
	maps  [][]int
	inner int
}

// NewPad returns the walk for a result of len(maps[0]) x len(maps[1]) x ... x inner elements. The
// tables hold offsets in the operand, whose sum over the axes is where the inner elements begin.
func NewPad[T any](maps [][]int, inner int) *Pad[T] {
	p := &Pad[T]{maps: maps, inner: inner, n: 1}
	rowAxes := maps
	if inner == 1 && len(maps) > 0 {
		rowAxes = maps[:len(maps)-1]
		p.rows = NewRows(len(maps[len(maps)-1]), padRow[T])
	} else {
		p.rows = NewRows(inner, func(a padded[T], r int) {
			d := a.d[r*a.inner : (r+1)*a.inner]
			if at := padOffset(a.maps, r); at < 0 {
				fill(d, a.value)
			} else {
				copy(d, a.x[at:at+a.inner])
			}
		})
	}
	for _, m := range rowAxes {
		p.n *= len(m)
	}
	return p
}

// Run fills d; value goes where no element of x does.
func (p *Pad[T]) Run(pool *Pool, d, x []T, value T) {
	if len(d) == 0 {
		return
	}
	p.rows.Run(pool, padded[T]{d, x, value, p.maps, p.inner}, p.n)
}

// padOffset returns where row r begins in the operand, -1 where it is all constant.
func padOffset(maps [][]int, r int) int {
	at := 0
	for i := len(maps) - 1; i >= 0; i-- {
		m := maps[i]
		o := m[r%len(m)]
		if o < 0 {
			return -1
		}
		at += o
		r /= len(m)
	}
	return at
}

func padRow[T any](a padded[T], r int) {
	last := a.maps[len(a.maps)-1]
	d := a.d[r*len(last) : (r+1)*len(last)]
	at := padOffset(a.maps[:len(a.maps)-1], r)
	if at < 0 {
		fill(d, a.value)
		return
	}
	x := a.x[at:]
	for i, o := range last {
		if o < 0 {
			d[i] = a.value
		} else {
			d[i] = x[o]
		}
	}
}
