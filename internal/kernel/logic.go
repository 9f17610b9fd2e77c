package kernel

// And computes d = x && y.
func And(d, x, y []bool) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] && y[i]
	}
}

// Or computes d = x || y.
func Or(d, x, y []bool) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] || y[i]
	}
}

// Xor computes d = (x != y).
func Xor(d, x, y []bool) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] != y[i]
	}
}

// Not computes d = !x.
func Not(d, x []bool) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = !v
	}
}
