package kernel

import "math"

// ModInt computes d = x - floor(x/y)*y: the remainder with the sign of y. No element of y is 0.
func ModInt[T Integer](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i, v := range x {
		r := v % y[i]
		if r != 0 && (r < 0) != (y[i] < 0) {
			r += y[i]
		}
		d[i] = r
	}
}

// RemInt computes d = x - trunc(x/y)*y: the remainder with the sign of x. No element of y is 0.
func RemInt[T Integer](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i, v := range x {
		d[i] = v % y[i]
	}
}

// ModFloat is ModInt for floating-point numbers; a zero takes the sign of y, and x modulo 0 is NaN.
func ModFloat[T Float](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i, v := range x {
		b := float64(y[i])
		r := math.Mod(float64(v), b)
		switch {
		case r == 0:
			r = math.Copysign(0, b)
		case (r < 0) != (b < 0):
			r += b
		}
		d[i] = T(r)
	}
}

// RemFloat is RemInt for floating-point numbers: C's fmod.
func RemFloat[T Float](d, x, y []T) {
	x, y = x[:len(d)], y[:len(d)]
	for i, v := range x {
		d[i] = T(math.Mod(float64(v), float64(y[i])))
	}
}
