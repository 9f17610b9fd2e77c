package kernel

import "math"

// Pow computes d = x^y for a floating-point base, by the rules of C's pow.
func Pow[T Float, Y Number](d, x []T, y []Y) {
	x, y = x[:len(d)], y[:len(d)]
	for i, v := range x {
		switch e := float64(y[i]); e {
		case 1:
			d[i] = v
		case 2:
			d[i] = v * v
		default:
			d[i] = T(math.Pow(float64(v), e))
		}
	}
}

// PowOf returns Pow for exponents that a function makes numbers of.
func PowOf[T Float, Y any](number func(Y) float32) func(d, x []T, y []Y) {
	return func(d, x []T, y []Y) {
		x, y = x[:len(d)], y[:len(d)]
		for i, v := range x {
			d[i] = T(math.Pow(float64(v), float64(number(y[i]))))
		}
	}
}

// PowTruncOf returns PowTrunc for exponents that a function makes numbers of.
func PowTruncOf[T int32 | int64, Y any](number func(Y) float32) func(d, x []T, y []Y) {
	return func(d, x []T, y []Y) {
		x, y = x[:len(d)], y[:len(d)]
		for i, v := range x {
			d[i] = truncTo[T](math.Pow(float64(v), float64(number(y[i]))))
		}
	}
}

// PowInt computes d = x^y for integers. Positive exponents wrap around as multiplication does; a
// negative one gives the quotient cut towards zero, and 0 to it, which is infinite, the greatest T.
func PowInt[T int32 | int64, Y Integer](d, x []T, y []Y) {
	x, y = x[:len(d)], y[:len(d)]
	for i, v := range x {
		d[i] = powInt(v, y[i])
	}
}

func powInt[T int32 | int64, Y Integer](v T, e Y) T {
	if e < 0 {
		switch v {
		case 0:
			return maxInt[T]()
		case 1:
			return 1
		case -1:
			if e%2 != 0 {
				return -1
			}
			return 1
		}
		return 0
	}
	r := T(1)
	for ; e > 0; e >>= 1 {
		if e&1 != 0 {
			r *= v
		}
		v *= v
	}
	return r
}

// PowTrunc computes d = x^y for an integer base and a floating-point exponent: the power in float64,
// cut towards zero and to the range of T; NaN gives 0.
func PowTrunc[T int32 | int64, Y Float](d, x []T, y []Y) {
	x, y = x[:len(d)], y[:len(d)]
	for i, v := range x {
		d[i] = truncTo[T](math.Pow(float64(v), float64(y[i])))
	}
}

func truncTo[T int32 | int64](f float64) T {
	most := maxInt[T]()
	switch {
	case f != f:
		return 0
	case f >= float64(most):
		return most
	case f <= -float64(most)-1:
		return -most - 1
	}
	return T(f)
}

func maxInt[T int32 | int64]() T {
	var z T
	if any(z) == any(int32(0)) {
		return T(math.MaxInt32)
	}
	most := int64(math.MaxInt64)
	return T(most)
}
