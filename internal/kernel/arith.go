package kernel

// Add computes d = x + y.
func Add[T Number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] + y[i]
	}
}

// Relu computes d = max(0, x); NaN stays NaN.
func Relu[T Number](d, x []T) {
	var zero T
	x = x[:len(d)]
	for i, v := range x {
		if v < zero {
			v = zero
		}
		d[i] = v
	}
}
