package kernel

// ScatterSlices puts whole slices into data seen as [slices][inner].
type ScatterSlices[T any] struct {
	inner int
	rows  *Rows[elements[T]]
}

// NewScatterSlices returns the walk for n updates; combine is as for [NewScatterElements].
func NewScatterSlices[T any](n, inner int, combine func(old, update T) T) *ScatterSlices[T] {
	s := &ScatterSlices[T]{inner: inner}
	s.rows = NewRows(n*min(columns, inner), func(a elements[T], stretch int) {
		lo, hi := stretch*columns, min(inner, (stretch+1)*columns)
		for i, k := range a.index {
			d, x := a.d[k*inner+lo:k*inner+hi], a.x[i*inner+lo:i*inner+hi]
			if combine == nil {
				copy(d, x)
				continue
			}
			for j, v := range x {
				d[j] = combine(d[j], v)
			}
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
