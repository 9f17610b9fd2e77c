package kernel

// Interpolate computes along one axis elements that are weighted sums of a fixed number of others.
type Interpolate[T Float] struct {
	rows         *Rows[interpolate[T]]
	outer, inner int
	m            int
}

type interpolate[T Float] struct{ d, x []T }

// NewInterpolate returns the walk for an operand of the form [outer][n][inner]. Element i of the m
// along the axis is the sum of weight[k]*x[index[k]] for k from i*taps to (i+1)*taps.
func NewInterpolate[T Float](outer, n, inner, m int, index []int, weight []float64) *Interpolate[T] {
	w := make([]T, len(weight))
	for i, v := range weight {
		w[i] = T(v)
	}
	p := &Interpolate[T]{outer: outer, inner: inner, m: m}
	if m == 0 {
		return p
	}
	taps := len(index) / m
	if inner == 1 {
		p.rows = NewRows(m*taps, func(a interpolate[T], r int) {
			d, x := a.d[r*m:(r+1)*m], a.x[r*n:(r+1)*n]
			for i := range d {
				var sum T
				for k := i * taps; k < (i+1)*taps; k++ {
					sum += w[k] * x[index[k]]
				}
				d[i] = sum
			}
		})
		return p
	}
	p.rows = NewRows(inner*taps, func(a interpolate[T], r int) {
		o, i := r/m, r%m
		d := a.d[r*inner : (r+1)*inner]
		clear(d)
		for k := i * taps; k < (i+1)*taps; k++ {
			from := (o*n + index[k]) * inner
			x, v := a.x[from:from+inner], w[k]
			for j := range d {
				d[j] += v * x[j]
			}
		}
	})
	return p
}

// Run fills d from x.
func (p *Interpolate[T]) Run(pool *Pool, d, x []T) {
	if len(d) == 0 {
		return
	}
	n := p.outer
	if p.inner != 1 {
		n *= p.m
	}
	p.rows.Run(pool, interpolate[T]{d, x}, n)
}
