package tensor

import "math"

// Float32 returns the value of x exactly.
func (x F8E4M3FN) Float32() float32 { return e4m3fn.decode(uint8(x)) }

// Float32 returns the value of x exactly.
func (x F8E4M3FNUZ) Float32() float32 { return e4m3fnuz.decode(uint8(x)) }

// Float32 returns the value of x exactly.
func (x F8E5M2) Float32() float32 { return e5m2.decode(uint8(x)) }

// Float32 returns the value of x exactly.
func (x F8E5M2FNUZ) Float32() float32 { return e5m2fnuz.decode(uint8(x)) }

// Float32 returns the value of x exactly. Only the low six bits count.
func (x F6E2M3) Float32() float32 { return e2m3.decode(uint8(x & 0x3f)) }

// Float32 returns the value of x exactly. Only the low six bits count.
func (x F6E3M2) Float32() float32 { return e3m2.decode(uint8(x & 0x3f)) }

// Float32 returns the value of x exactly. Only the low four bits count.
func (x F4E2M1) Float32() float32 { return e2m1.decode(uint8(x & 0x0f)) }

// ToF8E4M3FN returns the nearest F8E4M3FN, of two the even one. What is beyond 448 once rounded,
// infinity included, becomes 448 with its sign if saturate is set, NaN otherwise: ONNX's Cast.
func ToF8E4M3FN(x float32, saturate bool) F8E4M3FN { return F8E4M3FN(e4m3fn.encode(x, saturate)) }

// ToF8E4M3FNUZ returns the nearest F8E4M3FNUZ, of two the even one. What is beyond 240 once rounded,
// infinity included, becomes 240 with its sign if saturate is set, NaN otherwise: ONNX's Cast.
func ToF8E4M3FNUZ(x float32, saturate bool) F8E4M3FNUZ {
	return F8E4M3FNUZ(e4m3fnuz.encode(x, saturate))
}

// ToF8E5M2 returns the nearest F8E5M2, of two the even one. What is beyond 57344 once rounded,
// infinity included, becomes 57344 with its sign if saturate is set, infinity otherwise: ONNX's Cast.
func ToF8E5M2(x float32, saturate bool) F8E5M2 { return F8E5M2(e5m2.encode(x, saturate)) }

// ToF8E5M2FNUZ returns the nearest F8E5M2FNUZ, of two the even one. What is beyond 57344 once rounded,
// infinity included, becomes 57344 with its sign if saturate is set, NaN otherwise: ONNX's Cast.
func ToF8E5M2FNUZ(x float32, saturate bool) F8E5M2FNUZ {
	return F8E5M2FNUZ(e5m2fnuz.encode(x, saturate))
}

// ToF6E2M3 returns the nearest F6E2M3, of two the even one; beyond 7.5 it is 7.5 with the sign.
// NaN, which the format lacks, becomes the zero of the other sign, as in ml_dtypes.
func ToF6E2M3(x float32) F6E2M3 { return F6E2M3(e2m3.encode(x, true)) }

// ToF6E3M2 returns the nearest F6E3M2, of two the even one; beyond 28 it is 28 with the sign.
// NaN, which the format lacks, becomes the zero of the other sign, as in ml_dtypes.
func ToF6E3M2(x float32) F6E3M2 { return F6E3M2(e3m2.encode(x, true)) }

// ToF4E2M1 returns the nearest F4E2M1, of two the even one; beyond 6 it is 6 with the sign.
// NaN, which the format lacks, becomes the zero of the other sign, as in ml_dtypes.
func ToF4E2M1(x float32) F4E2M1 { return F4E2M1(e2m1.encode(x, true)) }

// Float32 returns 2^(x-127), NaN for 255.
func (x F8E8M0) Float32() float32 {
	switch x {
	case 0:
		return 0x1p-127
	case 255:
		return float32(math.NaN())
	}
	return math.Float32frombits(uint32(x) << 23)
}

// Rounding tells which power of two a number between two of them becomes.
type Rounding uint8

// The values of ONNX's attribute round_mode.
const (
	RoundUp      Rounding = iota // the larger
	RoundDown                    // the smaller
	RoundNearest                 // the nearer, the larger from halfway on
)

// ToF8E8M0 returns x rounded to a power of two from 2^-127 to 2^127. Where there is none, since x is
// beyond 2^127 once rounded, infinite, or below 2^-127, zero included, it returns the nearest of the
// two if saturate is set and NaN otherwise: the table of ONNX's Cast. NaN stays.
//
// ONNX leaves negative numbers undefined. Its reference drops their sign, and so does this.
func ToF8E8M0(x float32, mode Rounding, saturate bool) F8E8M0 {
	const least, most, nan = 0, 254, 255
	bits := math.Float32bits(x) & 0x7fffffff
	exp, man := bits>>23, bits&0x7fffff
	half := uint32(0x400000)
	if exp == 0 { // below 2^-126, where a float32 has no implicit bit
		if bits < half {
			if saturate {
				return least
			}
			return nan
		}
		man, half = man-half, half/2 // what is above 2^-127
	}
	switch {
	case bits > 0x7f800000:
		return nan
	case exp == nan: // infinity
	case mode == RoundUp && man > 0, mode == RoundNearest && man >= half:
		exp++
	}
	if exp <= most {
		return F8E8M0(exp)
	}
	if saturate {
		return most
	}
	return nan
}
