package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// lanczos7 are the coefficients of Lanczos's approximation of the gamma function with g = 7 (Godfrey): of 1, 1/(z+1),
// 1/(z+2), ...; exact to 1e-15 in float64, in which it is computed here.
var lanczos7 = []float64{
	0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
	12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
}

// gammaOperations adds the logarithm of the absolute value of the gamma function and its derivative, of TensorFlow.
func gammaOperations(m map[string]operation) {
	for name, f := range map[string]func(x *emit, v *ir.Value) *ir.Value{"lgamma": logGamma, "digamma": diGamma} {
		m[name] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
			v := x.float(a.value("x"))
			return one(x.Cast(f(x, x.Cast(v, tensor.Float64)), v.Fact.DType))
		}}
	}
}

// reflected returns where a number is below a half, and what stands for it there: the other side of a half.
func (x *emit) reflected(v *ir.Value) (below, y *ir.Value) {
	below = x.Op("Less", v, x.Scalar(v, .5))
	return below, x.Where(below, x.Sub(x.Scalar(v, 1), v), v)
}

// series returns Lanczos's series for v, of the terms c/(v-1+i), and with slope its derivative, and v+6.5.
func (x *emit) series(v *ir.Value, slope bool) (sum, derivative, t *ir.Value) {
	sum, derivative = x.Scalar(v, lanczos7[0]), x.Scalar(v, 0)
	for i, c := range lanczos7[1:] {
		below := x.AddScalar(v, float64(i))
		term := x.Div(x.Scalar(v, c), below)
		if sum = x.Add(sum, term); slope {
			derivative = x.Sub(derivative, x.Div(term, below))
		}
	}
	return sum, derivative, x.AddScalar(v, 6.5)
}

// logGamma is ln|Γ(v)|: ln √2π + (v-1/2)·ln t - t + ln of the series, and below 1/2 ln π - ln|sin πv| - ln Γ(1-v).
func logGamma(x *emit, v *ir.Value) *ir.Value {
	below, y := x.reflected(v)
	sum, _, t := x.series(y, false)
	large := x.Sub(x.Mul(x.AddScalar(y, -.5), x.Op("Log", t)), t)
	large = x.Add(large, x.AddScalar(x.Op("Log", sum), math.Log(2*math.Pi)/2))
	size := x.Op("Abs", v)
	turn := x.Op("Abs", x.Op("Sin", x.Scale(x.Sub(size, x.Op("Floor", size)), math.Pi)))
	small := x.Sub(x.Scalar(v, math.Log(math.Pi)), x.Add(x.Op("Log", turn), large))
	return x.Where(x.Op("IsInf", v), x.Scalar(v, math.Inf(1)), x.Where(below, small, large))
}

// diGamma is the derivative of ln Γ(v): ln t - 7/t + the series' derivative over it, and below 1/2 that of 1-v less π/tan πv,
// which is no number at 0, -1, -2, ...
func diGamma(x *emit, v *ir.Value) *ir.Value {
	below, y := x.reflected(v)
	sum, derivative, t := x.series(y, true)
	large := x.Add(x.Sub(x.Op("Log", t), x.Div(x.Scalar(t, 7), t)), x.Div(derivative, sum))
	part := x.Scale(x.Sub(v, x.Op("Floor", v)), math.Pi)
	pole := x.Op("Equal", part, x.Scalar(part, 0))
	turn := x.Scale(x.Div(x.Op("Sin", x.AddScalar(part, math.Pi/2)), x.Op("Sin", part)), math.Pi) // onnxruntime has no Cos of doubles
	small := x.Where(pole, x.Scalar(v, math.NaN()), x.Sub(large, turn))
	return x.Where(below, small, large)
}
