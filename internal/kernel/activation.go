package kernel

import "math"

// LeakyRelu returns the kernel of d = x, or alpha*x where x < 0. alpha must be finite.
func LeakyRelu[T Float](alpha T) func(d, x []T) {
	return func(d, x []T) {
		x = x[:len(d)]
		for i, v := range x {
			d[i] = max(v, 0) + alpha*min(v, 0) // one of the two is 0
		}
	}
}

// PRelu computes d = x, or slope*x where x < 0.
func PRelu[T Number](d, x, slope []T) {
	var zero T
	x, slope = x[:len(d)], slope[:len(d)]
	for i, v := range x {
		if v < zero {
			v *= slope[i]
		}
		d[i] = v
	}
}

// HardSigmoid returns the kernel of d = max(0, min(1, alpha*x + beta)).
func HardSigmoid[T Float](alpha, beta T) func(d, x []T) {
	return func(d, x []T) {
		x = x[:len(d)]
		for i, v := range x {
			d[i] = unit(alpha*v + beta)
		}
	}
}

// HardSwish computes d = x * max(0, min(1, x/6 + 1/2)).
func HardSwish[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = v * unit(v/6+.5)
	}
}

// unit limits v to the range from 0 to 1; NaN stays NaN.
func unit[T Float](v T) T { return min(max(v, 0), 1) }

// ThresholdedRelu returns the kernel of d = x where x > alpha, else 0.
func ThresholdedRelu[T Float](alpha T) func(d, x []T) {
	return func(d, x []T) {
		x = x[:len(d)]
		for i, v := range x {
			if !(v > alpha) {
				v = 0
			}
			d[i] = v
		}
	}
}

// Elu returns the kernel of d = gamma*x where x > 0, else gamma*alpha*(e^(x/width) - 1). It is Elu,
// Selu and Celu.
func Elu[T Float](alpha, gamma, width float64) func(d, x []T) {
	return func(d, x []T) {
		x = x[:len(d)]
		for i, v := range x {
			if v > 0 {
				d[i] = T(gamma * float64(v))
			} else {
				d[i] = T(gamma * alpha * math.Expm1(float64(v)/width))
			}
		}
	}
}

// Softplus computes d = ln(1 + e^x), without overflow.
func Softplus[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = T(softplus(float64(v)))
	}
}

func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// Softsign computes d = x / (1 + |x|).
func Softsign[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		a := v
		if a < 0 {
			a = -a
		}
		d[i] = v / (1 + a)
	}
}

// Gelu computes d = x/2 * (1 + erf(x/sqrt 2)).
func Gelu[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		f := float64(v)
		d[i] = T(f / 2 * math.Erfc(-f/math.Sqrt2))
	}
}

// GeluTanh computes d = x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715*x^3))).
func GeluTanh[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		f := float64(v)
		d[i] = T(f * sigmoid(2*math.Sqrt(2/math.Pi)*(f+0.044715*f*f*f)))
	}
}

// Mish computes d = x * tanh(ln(1 + e^x)).
func Mish[T Float](d, x []T) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = T(float64(v) * math.Tanh(softplus(float64(v))))
	}
}

// Swish returns the kernel of d = x / (1 + e^(-alpha*x)).
func Swish[T Float](alpha float64) func(d, x []T) {
	return func(d, x []T) {
		x = x[:len(d)]
		for i, v := range x {
			d[i] = T(float64(v) * sigmoid(alpha*float64(v)))
		}
	}
}

// Shrink returns the kernel of d = x + bias where x < -lambda, x - bias where x > lambda, else 0.
// In integers the sum is cut towards zero and wraps around.
func Shrink[T Number](lambda, bias float64) func(d, x []T) {
	up, down := shift[T](bias), shift[T](-bias)
	return func(d, x []T) {
		x = x[:len(d)]
		for i, v := range x {
			switch f := float64(v); {
			case f < -lambda:
				v = up(v)
			case f > lambda:
				v = down(v)
			default:
				v = 0
			}
			d[i] = v
		}
	}
}

// shift returns v + b: exact for integers where b is whole, else through float64.
func shift[T Number](b float64) func(v T) T {
	half := .5
	if T(half) != 0 {
		return func(v T) T { return T(float64(v) + b) }
	}
	if b == math.Trunc(b) && math.Abs(b) < 1<<31 {
		return func(v T) T { return v + T(int64(b)) }
	}
	return func(v T) T {
		f := float64(v) + b
		if f >= 1<<63 {
			return T(uint64(f))
		}
		return T(int64(f))
	}
}
