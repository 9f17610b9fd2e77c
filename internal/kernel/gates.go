package kernel

import "math"

// AffineOf returns d = alpha*x + beta.
func AffineOf[T Float](alpha, beta T) func(d, x []T) {
	return func(d, x []T) {
		for i, v := range x {
			d[i] = alpha*v + beta
		}
	}
}

// ScaledTanh returns d = alpha * tanh(beta*x).
func ScaledTanh[T Float](alpha, beta T) func(d, x []T) {
	return func(d, x []T) {
		for i, v := range x {
			d[i] = alpha * T(math.Tanh(float64(beta*v)))
		}
	}
}
