package kernel

import "math"

// IsNaN computes whether x is no number.
func IsNaN[T Float](d []bool, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = v != v
	}
}

// IsInf returns the kernel of whether x is an infinity of a sign that is asked for.
func IsInf[T Float](neg, pos bool) func(d []bool, x []T) {
	return func(d []bool, x []T) {
		x = x[:len(d)]
		for i, v := range x {
			d[i] = pos && math.IsInf(float64(v), 1) || neg && math.IsInf(float64(v), -1)
		}
	}
}

// Bits is the set of types that hold numbers as bits.
type Bits interface{ ~uint8 | ~uint16 }

// MaskedIs returns the kernel of x&mask == bits.
func MaskedIs[T Bits](mask, bits T) func(d []bool, x []T) {
	return func(d []bool, x []T) {
		x = x[:len(d)]
		for i, v := range x {
			d[i] = v&mask == bits
		}
	}
}

// MaskedAbove returns the kernel of x&mask > bits.
func MaskedAbove[T Bits](mask, bits T) func(d []bool, x []T) {
	return func(d []bool, x []T) {
		x = x[:len(d)]
		for i, v := range x {
			d[i] = v&mask > bits
		}
	}
}

// Never computes false.
func Never[X any](d []bool, _ []X) { clear(d) }
