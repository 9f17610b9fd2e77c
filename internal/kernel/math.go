package kernel

import "math"

// Of returns the kernel that applies a function of float64 and rounds once: within half a unit in
// the last place of what the function returns.
func Of[T Float](f func(float64) float64) func(d, x []T) {
	return func(d, x []T) {
		x = x[:len(d)]
		for i, v := range x {
			d[i] = T(f(float64(v)))
		}
	}
}

// AbsFloat computes d = |x|.
func AbsFloat[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = T(math.Abs(float64(v)))
	}
}

// Sqrt computes d = sqrt(x), correctly rounded: double precision has more than twice the digits.
func Sqrt[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = T(math.Sqrt(float64(v)))
	}
}

// Exp computes d = e^x.
func Exp[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = T(math.Exp(float64(v)))
	}
}

// Log computes d = ln x.
func Log[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = T(math.Log(float64(v)))
	}
}

// Tanh computes d = tanh x.
func Tanh[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = T(math.Tanh(float64(v)))
	}
}

// Sigmoid computes d = 1 / (1 + e^-x), without overflow and exact to the last digits on both sides.
func Sigmoid[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = T(sigmoid(float64(v)))
	}
}

func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// Reciprocal computes d = 1 / x.
func Reciprocal[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = 1 / v
	}
}

// Floor computes the greatest whole d <= x.
func Floor[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = T(math.Floor(float64(v)))
	}
}

// Ceil computes the least whole d >= x.
func Ceil[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = T(math.Ceil(float64(v)))
	}
}

// Round computes the whole d nearest to x, the even one of two.
func Round[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = T(math.RoundToEven(float64(v)))
	}
}
