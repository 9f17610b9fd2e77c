package kernel

import "cmp"

// Equal computes d = (x == y).
func Equal[T comparable](d []bool, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] == y[i]
	}
}

// Less computes d = (x < y).
func Less[T cmp.Ordered](d []bool, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] < y[i]
	}
}

// LessOrEqual computes d = (x <= y).
func LessOrEqual[T cmp.Ordered](d []bool, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] <= y[i]
	}
}

// Greater computes d = (x > y).
func Greater[T cmp.Ordered](d []bool, x, y []T) { Less(d, y, x) }

// GreaterOrEqual computes d = (x >= y).
func GreaterOrEqual[T cmp.Ordered](d []bool, x, y []T) { LessOrEqual(d, y, x) }
