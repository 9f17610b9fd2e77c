package kernel

import "math"

// LRN divides each element by a power of the squares of its neighbours along the channels:
//
//	y[n,c,i] = x[n,c,i] / (bias + alpha/size * sum of x[n,k,i]^2 for k in c-before..c+after)^beta
//
// where before is (size-1)/2 rounded down and after is size-1-before.
type LRN[T Float] struct {
	c, inner          int
	before, after     int
	alpha, beta, bias float64
	planes            *Rows[lrnOperands[T]]
	samples           int
}

type lrnOperands[T Float] struct{ y, x []T }

// NewLRN returns the normalisation of n samples with c channels of inner elements.
func NewLRN[T Float](n, c, inner, size int, alpha, beta, bias float64) *LRN[T] {
	before := (size - 1) / 2
	l := &LRN[T]{c: c, inner: inner, before: min(before, c), after: min(size-1-before, c), alpha: alpha / float64(size), beta: beta, bias: bias, samples: n}
	l.planes = NewRows(inner*(l.before+l.after+8), l.plane)
	return l
}

// Run computes y.
func (l *LRN[T]) Run(p *Pool, y, x []T) { l.planes.Run(p, lrnOperands[T]{y, x}, l.samples*l.c) }

func (l *LRN[T]) plane(o lrnOperands[T], r int) {
	c := r % l.c
	lo, hi := r-min(c, l.before), r+min(l.c-1-c, l.after)
	at := r * l.inner
	x, y := o.x[at:at+l.inner], o.y[at:at+l.inner]
	for i, v := range x {
		var sum float64
		for k := lo; k <= hi; k++ {
			e := float64(o.x[k*l.inner+i])
			sum += e * e
		}
		y[i] = T(float64(v) * math.Pow(l.bias+l.alpha*sum, -l.beta))
	}
}
