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

// LogSoftmax computes d = x - ln(sum(exp(x))) over n elements that are stride apart.
func LogSoftmax[T Float](d, x []T, n, stride int) {
	m := maxOf(x, n, stride)
	var sum float64
	for i := 0; i < n*stride; i += stride {
		sum += math.Exp(float64(x[i] - m))
	}
	l := math.Log(sum)
	for i := 0; i < n*stride; i += stride {
		d[i] = T(float64(x[i]-m) - l)
	}
}

// Hardmax sets the first greatest of n > 0 elements that are stride apart to 1 and the others to 0;
// NaN is greater than any number.
func Hardmax[T Float](d, x []T, n, stride int) {
	m, at := x[0], 0
	for i := 0; i < n*stride && m == m; i += stride {
		if x[i] > m || x[i] != x[i] {
			m, at = x[i], i
		}
	}
	for i := 0; i < n*stride; i += stride {
		d[i] = 0
	}
	d[at] = 1
}
