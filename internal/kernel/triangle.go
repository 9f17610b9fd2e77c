package kernel

// Triangle keeps the part of matrices on and above (upper) or on and below the k-th diagonal, and
// fills the rest with zero values.
func Triangle[T any](d, x []T, rows, cols, k int, upper bool) {
	if rows*cols == 0 {
		return
	}
	k = min(max(k, -rows-1), cols+1)
	for r := range len(d) / cols {
		d, x := d[r*cols:(r+1)*cols], x[r*cols:(r+1)*cols]
		at := min(max(r%rows+k, 0), cols) // first column on the diagonal or right of it
		if upper {
			clear(d[:at])
			copy(d[at:], x[at:])
			continue
		}
		at = min(max(r%rows+k+1, 0), cols)
		copy(d[:at], x[:at])
		clear(d[at:])
	}
}
