package kernel

// Add computes d = x + y.
func Add[T Number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] + y[i]
	}
}

// Sub computes d = x - y.
func Sub[T Number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] - y[i]
	}
}

// Mul computes d = x * y.
func Mul[T Number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] * y[i]
	}
}

// Div computes d = x / y; integers are cut towards zero and no element of y is then 0.
func Div[T Number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] / y[i]
	}
}

// Min computes d = min(x, y); NaN wins.
func Min[T Number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = min(x[i], y[i])
	}
}

// Max computes d = max(x, y); NaN wins.
func Max[T Number](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = max(x[i], y[i])
	}
}

// Bounds is the range that Clip limits to.
type Bounds[T Number] struct{ Lo, Hi T }

// Clip computes d = min(max(x, lo), hi); NaN wins.
func Clip[T Number](d, x []T, b Bounds[T]) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = min(max(v, b.Lo), b.Hi)
	}
}

// Relu computes d = max(0, x); NaN stays NaN.
func Relu[T Number](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = max(v, 0)
	}
}

// Neg computes d = -x.
func Neg[T Number](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = -v
	}
}

// Abs computes d = |x| of integers; the least signed integer stays as it is.
func Abs[T Integer](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		if v < 0 {
			v = -v
		}
		d[i] = v
	}
}

// Sign computes d = -1, 0 or 1 by the sign of x; NaN stays NaN.
func Sign[T Number](d, x []T) {
	var zero T
	x = x[:len(d)]
	for i, v := range x {
		switch {
		case v > zero:
			v = 1
		case v < zero:
			v = zero - 1
		}
		d[i] = v
	}
}

// DivBy computes d = x / by.
func DivBy[T Float](d, x []T, by T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = v / by
	}
}
