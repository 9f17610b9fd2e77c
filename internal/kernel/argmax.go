package kernel

// ArgMax returns the position of the greatest of n > 0 elements that are stride apart, the first or
// the last of equal ones. NaN is greater than any number.
func ArgMax[T Number](x []T, n, stride int, last bool) int {
	best := 0
	for i, at := 1, stride; i < n; i, at = i+1, at+stride {
		v, m := x[at], x[best*stride]
		if v > m || v != v && m == m || last && (v == m || v != v) {
			best = i
		}
	}
	return best
}

// ArgMin returns the position of the least of n > 0 elements that are stride apart, the first or the
// last of equal ones. NaN is less than any number.
func ArgMin[T Number](x []T, n, stride int, last bool) int {
	best := 0
	for i, at := 1, stride; i < n; i, at = i+1, at+stride {
		v, m := x[at], x[best*stride]
		if v < m || v != v && m == m || last && (v == m || v != v) {
			best = i
		}
	}
	return best
}
