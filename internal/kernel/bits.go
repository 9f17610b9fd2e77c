package kernel

import "unsafe"

// BitAnd computes d = x & y.
func BitAnd[T Integer](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] & y[i]
	}
}

// BitOr computes d = x | y.
func BitOr[T Integer](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] | y[i]
	}
}

// BitXor computes d = x ^ y.
func BitXor[T Integer](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] ^ y[i]
	}
}

// BitNot computes d = ^x.
func BitNot[T Integer](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = ^v
	}
}

// ShiftLeft computes d = x << y, 0 where y is negative or at least the width of T.
func ShiftLeft[T Integer](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i, v := range x {
		d[i] = v << places(y[i])
	}
}

// ShiftRight computes d = x >> y with the sign kept; where y is negative or at least the width of T,
// only the sign remains.
func ShiftRight[T Integer](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i, v := range x {
		d[i] = v >> places(y[i])
	}
}

// places returns by how many places to shift: any number from the width of T on shifts all bits out.
func places[T Integer](y T) uint {
	if width := uint(unsafe.Sizeof(y)) * 8; y < 0 || uint64(y) >= uint64(width) {
		return width
	}
	return uint(y)
}
