package kernel

import "math"

// LogSumExp computes the logarithm of the sum of exponentials along some axes, as
// m + log(sum(exp(x-m))) with m the greatest element, or 0 where that is infinite.
type LogSumExp[T Float] struct {
	max, sum *Reduce[T]
	exp      *Binary[T, T, T]
}

// NewLogSumExp returns the reduction of a tensor of the given shape along the marked axes.
func NewLogSumExp[T Float](shape []int, reduced []bool) *LogSumExp[T] {
	kept := make([]int, len(shape))
	for i, n := range shape {
		if kept[i] = n; reduced[i] {
			kept[i] = 1
		}
	}
	return &LogSumExp[T]{
		max: NewReduce(shape, reduced, Greatest[T]()),
		sum: NewReduce(shape, reduced, Sum[T]()),
		exp: NewBinary(shape, shape, kept, expLess[T]),
	}
}

// Run reduces x to d. tmp has room for x and for d.
func (l *LogSumExp[T]) Run(p *Pool, d, x, tmp []T) {
	e, m := tmp[:len(x)], tmp[len(x):len(x)+len(d)]
	l.max.Run(p, m, x)
	l.exp.Run(p, e, x, m)
	l.sum.Run(p, d, e)
	for i, v := range d {
		d[i] = T(math.Log(float64(v))) + finite(m[i])
	}
}

func expLess[T Float](d, x, m []T) {
	x, m = x[:len(d)], m[:len(d)]
	for i, v := range x {
		d[i] = T(math.Exp(float64(v - finite(m[i]))))
	}
}

// finite returns 0 in place of an infinity.
func finite[T Float](v T) T {
	if v-v != 0 && v == v {
		return 0
	}
	return v
}
