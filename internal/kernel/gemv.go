package kernel

// vector computes the part where one side is a vector: y[j] = sum over k of x[k] * m[k,j].
// A product with one column is the transposed one with one row.
func (w *part[T]) vector() {
	a, b := w.Operands.A[w.at[0]:], w.Operands.B[w.at[1]:]
	x, step, m, st := a, w.Product.A.Col, b, w.Product.B
	lo, hi := w.j0, w.j1
	if w.M != 1 {
		x, step, m, st = b, w.Product.B.Row, a, Strides{w.Product.A.Col, w.Product.A.Row}
		lo, hi = w.i0, w.i1
	}
	var sums [stripe]T
	for ; lo < hi; lo += stripe {
		y := sums[:min(stripe, hi-lo)]
		gemv(y, x, step, m[lo*st.Col:], st, w.K)
		for i, v := range y {
			if w.M == 1 {
				w.put(0, lo+i, v)
			} else {
				w.put(lo+i, 0, v)
			}
		}
	}
}

// gemv computes y[j] = sum over k of x[k] * m[k,j], each sum in ascending order of k. The three ways
// differ in what lies side by side: rows of m, columns of m, or neither.
func gemv[T Number](y, x []T, step int, m []T, st Strides, k int) {
	switch {
	case st.Col == 1:
		gemvRows(y, x, step, m, st.Row, k)
	case st.Row == 1 && step == 1:
		gemvCols(y, x[:k], m, st.Col)
	default:
		for j := range y {
			y[j] = dotStrided(x, step, m[j*st.Col:], st.Row, k)
		}
	}
}

// gemvRows adds rows of m, four at a time.
func gemvRows[T Number](y, x []T, step int, m []T, row, k int) {
	clear(y)
	i := 0
	for ; i+4 <= k; i += 4 {
		at, xt := i*row, i*step
		addRows(y, m[at:], m[at+row:], m[at+2*row:], m[at+3*row:], x[xt], x[xt+step], x[xt+2*step], x[xt+3*step])
	}
	for ; i < k; i++ {
		axpy(y, m[i*row:], x[i*step], 1)
	}
}

func addRows[T Number](y, a, b, c, d []T, p, q, r, s T) {
	a, b, c, d = a[:len(y)], b[:len(y)], c[:len(y)], d[:len(y)]
	for i, v := range y {
		y[i] = v + p*a[i] + q*b[i] + r*c[i] + s*d[i]
	}
}

// gemvCols multiplies x with columns of m, four at a time.
func gemvCols[T Number](y, x, m []T, col int) {
	j := 0
	for ; j+4 <= len(y); j += 4 {
		at := j * col
		y[j], y[j+1], y[j+2], y[j+3] = dots(x, m[at:], m[at+col:], m[at+2*col:], m[at+3*col:])
	}
	for ; j < len(y); j++ {
		y[j] = dotStrided(x, 1, m[j*col:], 1, len(x))
	}
}

func dots[T Number](x, a, b, c, d []T) (p, q, r, s T) {
	a, b, c, d = a[:len(x)], b[:len(x)], c[:len(x)], d[:len(x)]
	for i, v := range x {
		p += v * a[i]
		q += v * b[i]
		r += v * c[i]
		s += v * d[i]
	}
	return p, q, r, s
}

func dotStrided[T Number](x []T, step int, m []T, row, k int) (s T) {
	at, xt := 0, 0
	for range k {
		s += x[xt] * m[at]
		at, xt = at+row, xt+step
	}
	return s
}
