package kernel

// ScatterSlices puts whole slices into data seen as [slices][inner].
type ScatterSlices[T any] struct {
	inner int
	rows  *Rows[elements[T]]
}

// NewScatterSlices returns the walk for n updates, which come in order.
func NewScatterSlices[T any](n, inner int, u Update[T]) *ScatterSlices[T] {
	s := &ScatterSlices[T]{inner: inner}
	s.rows = NewRows(n*min(columns, inner), func(a elements[T], stretch int) {
		lo, hi := stretch*columns, min(inner, (stretch+1)*columns)
		for i, k := range a.index {
			u.slice(a.d[k*inner+lo:k*inner+hi], a.x[i*inner+lo:i*inner+hi])
		}
	})
	return s
}

// Run updates d. Every index must name a slice of it.
func (s *ScatterSlices[T]) Run(p *Pool, d, updates []T, index []int) {
	if s.inner == 0 || len(index) == 0 {
		return
	}
	s.rows.Run(p, elements[T]{d, updates, index}, (s.inner+columns-1)/columns)
}
