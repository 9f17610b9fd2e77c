package tensor

import "math"

// minifloat describes a floating-point format of eight bits or less: a sign, exponent bits, mantissa
// bits. An exponent field e > 0 stands for 2^(e-bias).
type minifloat struct {
	man  uint  // mantissa bits
	bias int   // of the exponent
	sign uint8 // the sign bit
	max  uint8 // code of the largest finite number
	inf  uint8 // code of infinity; 0 if there is none
	nan  uint8 // code of NaN; 0 if there is none
	uz   bool  // NaN is the code of minus zero, there is no minus zero
}

var (
	e4m3fn   = minifloat{man: 3, bias: 7, sign: 0x80, max: 0x7e, nan: 0x7f}
	e4m3fnuz = minifloat{man: 3, bias: 8, sign: 0x80, max: 0x7f, nan: 0x80, uz: true}
	e5m2     = minifloat{man: 2, bias: 15, sign: 0x80, max: 0x7b, inf: 0x7c, nan: 0x7e}
	e5m2fnuz = minifloat{man: 2, bias: 16, sign: 0x80, max: 0x7f, nan: 0x80, uz: true}
	e2m3     = minifloat{man: 3, bias: 1, sign: 0x20, max: 0x1f}
	e3m2     = minifloat{man: 2, bias: 3, sign: 0x20, max: 0x1f}
	e2m1     = minifloat{man: 1, bias: 1, sign: 0x08, max: 0x07}
)

// decode returns the value of a code.
func (f *minifloat) decode(c uint8) float32 {
	if f.uz && c == f.nan {
		return float32(math.NaN())
	}
	abs := c & (f.sign - 1)
	var v float64
	switch exp, man := int(abs>>f.man), int(abs)&(1<<f.man-1); {
	case abs > f.max && abs == f.inf:
		v = math.Inf(1)
	case abs > f.max:
		v = math.NaN()
	case exp == 0:
		v = math.Ldexp(float64(man), 1-f.bias-int(f.man))
	default:
		v = math.Ldexp(float64(man+1<<f.man), exp-f.bias-int(f.man))
	}
	if c&f.sign != 0 {
		v = math.Copysign(v, -1)
	}
	return float32(v)
}

// encode returns the code of the nearest number, of two the even one. Beyond the largest it returns
// that if saturate is set or the format has neither infinity nor NaN, otherwise infinity or NaN.
func (f *minifloat) encode(x float32, saturate bool) uint8 {
	bits := math.Float32bits(x)
	sign := uint8(0)
	if bits>>31 != 0 {
		sign = f.sign
	}
	bits &= 0x7fffffff
	if bits > 0x7f800000 {
		return f.encodeNaN(sign)
	}
	c := f.round(bits)
	if c > uint32(f.max) {
		switch {
		case saturate || f.nan == 0:
			c = uint32(f.max)
		case f.inf != 0:
			c = uint32(f.inf)
		default:
			return f.encodeNaN(sign)
		}
	}
	if c == 0 && f.uz {
		return 0
	}
	return sign | uint8(c)
}

func (f *minifloat) encodeNaN(sign uint8) uint8 {
	switch {
	case f.uz:
		return f.nan
	case f.nan == 0:
		return sign ^ f.sign // no such thing: the zero of the other sign, as in ml_dtypes
	}
	return sign | f.nan
}

// round returns the code of a number given by the bits of a float32 without sign; a code above max
// is an overflow.
func (f *minifloat) round(bits uint32) uint32 {
	exp, man := int(bits>>23), bits&0x7fffff
	if exp == 0 {
		return 0 // zero, or far below half of any format's smallest number
	}
	man |= 1 << 23
	e := exp - 127 + f.bias // exponent field
	shift := 23 - int(f.man)
	if e < 1 {
		shift += 1 - e // no implicit bit: a multiple of the smallest number
		e = 1
	}
	if shift > 24 {
		if shift > 25 {
			return 0
		}
		shift = 25
	}
	q := man >> shift
	half, rest := uint32(1)<<(shift-1), man&(1<<shift-1)
	if rest > half || rest == half && q&1 == 1 {
		q++
	}
	// The implicit bit adds one to the exponent field, as a carry out of the mantissa does.
	return q + uint32(e-1)<<f.man
}
