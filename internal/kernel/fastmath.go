package kernel

import "math"

// The functions below compute in float64 what float32 needs: relative errors under 1e-9, so that a
// result rounded to float32 is within .51 units in the last place. They are small enough to be
// inlined into loops, have no branches that data decides, and take any finite argument.

const (
	exp2Bits  = 5
	exp2Count = 1 << exp2Bits
	exp2Scale = exp2Count / math.Ln2
	exp2Step  = math.Ln2 / exp2Count
	// Adding it to a number leaves the nearest integer in the low bits of the sum.
	roundShift = 3 << 51
)

// expm1Parts returns s and q with e^x = s*(1+q), s = 2^(k/32) and |q| < 0.011. |x| must be under 700.
func expm1Parts(x float64) (s, q float64) {
	t := x*exp2Scale + roundShift
	k := math.Float64bits(t)
	r := x - (t-roundShift)*exp2Step
	s = math.Float64frombits(exp2Table[k%exp2Count] + k<<(52-exp2Bits))
	return s, r + r*r*(1./2+r*(1./6+r*(1./24)))
}

// expFast returns e^x. |x| must be under 700.
func expFast(x float64) float64 {
	s, q := expm1Parts(x)
	return s + s*q
}

// logOrigin is the bits of the number at which logTable begins: near sqrt(1/2).
const logOrigin = 0x3fe66 << 44

// logFast returns ln x of a positive, normal, finite x.
func logFast(x float64) float64 {
	u := math.Float64bits(x)
	t := u - logOrigin
	c := &logTable[t>>47%32]
	r := math.Float64frombits(u-t&(0xfff<<52))*c[0] - 1
	return float64(int64(t)>>52)*math.Ln2 + c[1] + (r + r*r*(-1./2+r*(1./3+r*(-1./4+r*(1./5+r*(-1./6))))))
}

// limit returns x cut to the range from -most to most; NaN stays NaN.
func limit(x, most float64) float64 {
	if x > most {
		return most
	}
	if x < -most {
		return -most
	}
	return x
}

// The polynomials of erf were fitted to the functions by least squares with weights moved until the
// greatest relative error was least: 4e-11 for erfFast, 2e-10 for erfcTail.

// erfFast returns erf x for |x| <= 1: x times a polynomial in x*x.
func erfFast(x float64) float64 {
	z := x * x
	return x * (1.1283791670945864 + z*(-0.37612638888503147+z*(0.11283791285361075+z*(-0.026866131408361228+
		z*(0.005223776403124822+z*(-0.0008542488866992038+z*(0.00011954817665016382+
			z*(-1.3898693437930376e-05+z*1.056295965362608e-06))))))))
}

// erfcTail returns 1 - erf x for x >= 1: e^(-x*x) times a polynomial in 1/(1+0.4x).
func erfcTail(x float64) float64 {
	x = min(x, 26)
	w := 1 / (1 + .4*x)
	q := -1.290122897928958e-06 + w*(0.22571599577866852+w*(0.22512457575357106+w*(0.21201311891889046+
		w*(0.14905239575617074+w*(0.1985726779369675+w*(-0.11048440382174274+w*(0.2855857679577328+
			w*(-0.25432482423821884+w*0.06878101242560938))))))))
	return expFast(-x*x) * q
}
