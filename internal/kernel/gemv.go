package kernel

// vector computes the part where one side is a vector: y[j] = sum over k of x[k] * m[k,j].
// A product with one column is the transposed one with one row.
func (w *part[T]) vector() {
	a := w.Operands.A[w.at[0]:]
	b := w.Operands.B[w.at[1]:]
	if w.M == 1 {
		gemv(a, w.Product.A.Col, b, w.Product.B, w.K, w.j0, w.j1, func(j int, v T) { w.put(0, j, v) })
		return
	}
	gemv(b, w.Product.B.Row, a, Strides{w.Product.A.Col, w.Product.A.Row}, w.K, w.i0, w.i1, func(i int, v T) { w.put(i, 0, v) })
}

// gemv gives put the sums of columns lo to hi.
func gemv[T Number](x []T, step int, m []T, st Strides, k, lo, hi int, put func(j int, v T)) {
	const n = 8
	for ; lo+n <= hi; lo += n {
		var s [n]T
		if st.Col == 1 {
			s = gemvRows(x, step, m[lo:], st.Row, k)
		} else {
			s = gemvDots(x, step, m[lo*st.Col:], st, k)
		}
		for i, v := range s {
			put(lo+i, v)
		}
	}
	for ; lo < hi; lo++ {
		var s T
		at, xt := lo*st.Col, 0
		for range k {
			s += x[xt] * m[at]
			at, xt = at+st.Row, xt+step
		}
		put(lo, s)
	}
}

// gemvRows sums eight adjacent columns whose rows are row apart.
func gemvRows[T Number](x []T, step int, m []T, row, k int) [8]T {
	var s0, s1, s2, s3, s4, s5, s6, s7 T
	at, xt := 0, 0
	for range k {
		v := x[xt]
		r := m[at : at+8 : at+8]
		s0 += v * r[0]
		s1 += v * r[1]
		s2 += v * r[2]
		s3 += v * r[3]
		s4 += v * r[4]
		s5 += v * r[5]
		s6 += v * r[6]
		s7 += v * r[7]
		at, xt = at+row, xt+step
	}
	return [8]T{s0, s1, s2, s3, s4, s5, s6, s7}
}

// gemvDots sums eight columns that lie st.Col apart.
func gemvDots[T Number](x []T, step int, m []T, st Strides, k int) [8]T {
	var s0, s1, s2, s3, s4, s5, s6, s7 T
	c := st.Col
	m0, m1, m2, m3, m4, m5, m6, m7 := m, m[c:], m[2*c:], m[3*c:], m[4*c:], m[5*c:], m[6*c:], m[7*c:]
	at, xt := 0, 0
	for range k {
		v := x[xt]
		s0 += v * m0[at]
		s1 += v * m1[at]
		s2 += v * m2[at]
		s3 += v * m3[at]
		s4 += v * m4[at]
		s5 += v * m5[at]
		s6 += v * m6[at]
		s7 += v * m7[at]
		at, xt = at+st.Row, xt+step
	}
	return [8]T{s0, s1, s2, s3, s4, s5, s6, s7}
}
