package kernel

import (
	"math"
)

// Softmax computes d = exp(x) / sum(exp(x)) over n elements that are stride apart.
func Softmax[T Float](d, x []T, n, stride int) {
	m := maxOf(x, n, stride)
	var sum T
	for i := 0; i < n*stride; i += stride {
		e := T(math.Exp(float64(x[i] - m)))
		d[i] = e
		sum += e
	}
	for i := 0; i < n*stride; i += stride {
		d[i] /= sum
	}
}

// maxOf returns the greatest of n > 0 elements, NaN where one is.
func maxOf[T Float](x []T, n, stride int) T {
	m := x[0]
	for i := 0; i < n*stride; i += stride {
		if x[i] > m || x[i] != x[i] {
			m = x[i]
		}
	}
	return m
}
