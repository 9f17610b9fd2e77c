package kernel

import "math"

// Determinant returns the determinant of the n by n matrix a, row by row, which it overwrites: the product
// of the pivots of Gaussian elimination with the largest of each column as pivot. It is 1 where n is 0.
func Determinant(a []float64, n int) float64 {
	det := 1.0
	for c := range n {
		p := c
		for r := c + 1; r < n; r++ {
			if math.Abs(a[r*n+c]) > math.Abs(a[p*n+c]) {
				p = r
			}
		}
		if p != c {
			det = -det
			for k := c; k < n; k++ {
				a[p*n+k], a[c*n+k] = a[c*n+k], a[p*n+k]
			}
		}
		pivot := a[c*n+c]
		det *= pivot
		if pivot == 0 {
			return det
		}
		for r := c + 1; r < n; r++ {
			f := a[r*n+c] / pivot
			for k := c + 1; k < n; k++ {
				a[r*n+k] -= f * a[c*n+k]
			}
		}
	}
	return det
}
