package kernel

import "math"

// Exp32 computes d = e^x within .51 units in the last place.
func Exp32(d, x []float32) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = float32(expFast(limit(float64(v), 110)))
	}
}

// Log32 computes d = ln x within .51 units in the last place.
func Log32(d, x []float32) {
	x = x[:len(d)]
	for i, v := range x {
		if !(v > 0 && v <= math.MaxFloat32) {
			d[i] = float32(math.Log(float64(v)))
			continue
		}
		d[i] = float32(logFast(float64(v)))
	}
}

// Sigmoid32 computes d = 1 / (1 + e^-x) within .51 units in the last place.
func Sigmoid32(d, x []float32) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = float32(1 / (1 + expFast(limit(-float64(v), 110))))
	}
}

// Tanh32 computes d = tanh x = (e^2x - 1) / (e^2x + 1) within .51 units in the last place.
func Tanh32(d, x []float32) {
	x = x[:len(d)]
	for i, v := range x {
		if v == 0 {
			d[i] = v // keeps the sign of -0
			continue
		}
		s, q := expm1Parts(limit(2*float64(v), 40))
		e := s - 1 + s*q
		d[i] = float32(e / (e + 2))
	}
}

// Elu32 is Elu for float32, within .52 units in the last place. alpha and gamma must be finite.
func Elu32(alpha, gamma, width float64) func(d, x []float32) {
	alpha *= gamma
	inv := 1 / width
	return func(d, x []float32) {
		x = x[:len(d)]
		for i, v := range x {
			f := float64(v)
			s, q := expm1Parts(limit(min(f, 0)*inv, 600))
			d[i] = float32(gamma*max(f, 0) + alpha*(s-1+s*q)) // one of the two is 0
		}
	}
}

// Swish32 is Swish for float32, within .52 units in the last place.
func Swish32(alpha float64) func(d, x []float32) {
	return func(d, x []float32) {
		x = x[:len(d)]
		for i, v := range x {
			f := aboveInf(v)
			d[i] = float32(f / (1 + expFast(limit(-alpha*f, 600))))
		}
	}
}

// aboveInf returns x, and NaN for -inf: what -inf times a probability of 0 is.
func aboveInf(x float32) float64 {
	if x < -math.MaxFloat32 {
		return math.NaN()
	}
	return float64(x)
}

// GeluTanh32 is GeluTanh for float32, within .52 units in the last place.
func GeluTanh32(d, x []float32) {
	x = x[:len(d)]
	for i, v := range x {
		f := aboveInf(v)
		u := -2 * geluRoot * (f + 0.044715*f*f*f)
		d[i] = float32(f / (1 + expFast(limit(u, 600))))
	}
}

// geluRoot is sqrt(2/pi).
const geluRoot = 0.797884560802865355879892119868763736951717262329869315

// Erf32 computes d = erf x within .52 units in the last place.
func Erf32(d, x []float32) {
	x = x[:len(d)]
	for i, v := range x {
		f := float64(v)
		if a := math.Abs(f); a > 1 {
			f = math.Copysign(1-erfcTail(a), f)
		} else {
			f = erfFast(f)
		}
		d[i] = float32(f)
	}
}

// Gelu32 is Gelu for float32, within .52 units in the last place.
func Gelu32(d, x []float32) {
	x = x[:len(d)]
	for i, v := range x {
		f := aboveInf(v)
		switch {
		case f > math.Sqrt2:
			f *= 1 - erfcTail(f/math.Sqrt2)/2
		case f < -math.Sqrt2:
			f = f / 2 * erfcTail(-f/math.Sqrt2)
		default:
			f = f/2 + f/2*erfFast(f/math.Sqrt2)
		}
		d[i] = float32(f)
	}
}

// Mish32 is Mish for float32, within .52 units in the last place: with n = e^x, tanh(ln(1+n)) is
// n(n+2) / (n(n+2) + 2).
func Mish32(d, x []float32) {
	x = x[:len(d)]
	for i, v := range x {
		f := aboveInf(v)
		n := expFast(limit(f, 200))
		n *= n + 2
		d[i] = float32(f * (n / (n + 2)))
	}
}

// Softplus32 is Softplus for float32, within .52 units in the last place.
func Softplus32(d, x []float32) {
	x = x[:len(d)]
	for i, v := range x {
		f := float64(v)
		switch {
		case f > 30:
			d[i] = v // e^-30 is below half a unit
		case f > -13:
			d[i] = float32(logFast(1 + expFast(f)))
		default: // the beginning of the series of ln(1+e), where 1+e would lose digits of e
			e := expFast(limit(f, 600))
			d[i] = float32(e * (1 - e/2))
		}
	}
}

// Softmax32 is Softmax for float32, within a unit in the last place; the sum is taken in float64.
func Softmax32(d, x []float32, n, stride int) {
	m := float64(maxOf(x, n, stride))
	sum := 0.
	for i := 0; i < n*stride; i += stride {
		e := expFast(limit(float64(x[i])-m, 110))
		d[i] = float32(e)
		sum += e
	}
	inv := 1 / sum
	for i := 0; i < n*stride; i += stride {
		d[i] = float32(float64(d[i]) * inv)
	}
}

// LogSoftmax32 is LogSoftmax for float32, computed in float64 and rounded once.
func LogSoftmax32(d, x []float32, n, stride int) {
	m := float64(maxOf(x, n, stride))
	sum := 0.
	for i := 0; i < n*stride; i += stride {
		sum += expFast(limit(float64(x[i])-m, 110))
	}
	l := math.Log(sum)
	for i := 0; i < n*stride; i += stride {
		d[i] = float32(float64(x[i]) - m - l)
	}
}

// Pow32 is Pow for float32, within .55 units in the last place: e^(y ln x) where x is positive.
func Pow32(d, x, y []float32) {
	x, y = x[:len(d)], y[:len(d)]
	for i, v := range x {
		f, e := float64(v), float64(y[i])
		switch {
		case e == 2:
			d[i] = v * v
		case e == 1:
			d[i] = v
		case e == 3:
			d[i] = float32(f * f * f)
		case v > 0 && v <= math.MaxFloat32 && math.Abs(e) <= math.MaxFloat32:
			d[i] = float32(expFast(limit(e*logFast(f), 110)))
		default:
			d[i] = float32(math.Pow(f, e))
		}
	}
}
