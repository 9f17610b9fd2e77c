package tensor

import "math"

// Float32 returns the value of h exactly.
func (h Half) Float32() float32 {
	sign := uint32(h&0x8000) << 16
	exp, man := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch {
	case exp == 0x1f: // infinity, NaN
		return math.Float32frombits(sign | 0x7f800000 | man<<13)
	case exp == 0: // zero, or a multiple of 2^-24
		v := float32(man) * 0x1p-24
		return math.Float32frombits(sign | math.Float32bits(v))
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | man<<13)
}

// ToHalf returns the nearest Half, of two the even one. Numbers from 65520 on become infinity. A NaN
// keeps its sign and the upper bits of its payload.
func ToHalf(x float32) Half {
	b := math.Float32bits(x)
	sign := Half(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000: // NaN: stay one if the payload's upper bits are zero
		man := Half(b >> 13 & 0x3ff)
		if man == 0 {
			man = 1
		}
		return sign | 0x7c00 | man
	case b >= 0x477ff000: // 65520, halfway from the largest Half to 2^16
		return sign | 0x7c00
	case b < 0x38800000: // below 2^-14: count in units of 2^-24, which the addition rounds to
		return sign | Half(math.Float32bits(math.Float32frombits(b)+0.5)-math.Float32bits(0.5))
	}
	b += 0xfff + b>>13&1 // round to even at bit 13
	return sign | Half(b>>13-(127-15)<<10)
}

// Float32 returns the value of h exactly.
func (h BHalf) Float32() float32 { return math.Float32frombits(uint32(h) << 16) }

// ToBHalf returns the nearest BHalf, of two the even one. A NaN becomes the quiet one of its sign.
func ToBHalf(x float32) BHalf {
	b := math.Float32bits(x)
	if b&0x7fffffff > 0x7f800000 {
		return BHalf(b>>16&0x8000 | 0x7fc0)
	}
	return BHalf((b + 0x7fff + b>>16&1) >> 16)
}

// Odd32 returns x as a float32 that is exact or has an odd last bit. Rounding that to a narrower type
// gives what rounding x itself would, which the nearest float32 would not: ToHalf(Odd32(x)).
func Odd32(x float64) float32 {
	y := float32(x)
	if float64(y) == x || y != y {
		return y
	}
	b := math.Float32bits(y)
	if math.IsInf(float64(y), 0) { // beyond the largest float32, whose last bit is odd
		return math.Float32frombits(b - 1)
	}
	if b&1 == 1 {
		return y
	}
	// y is even and not x: the odd neighbour is on x's side.
	if math.Abs(float64(y)) > math.Abs(x) {
		return math.Float32frombits(b - 1)
	}
	return math.Float32frombits(b + 1)
}
