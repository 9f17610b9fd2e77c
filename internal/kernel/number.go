package kernel

import "math"

// Float is the set of floating-point types that kernels compute with.
type Float interface{ float32 | float64 }

// Integer is the set of integers that kernels compute with.
type Integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// Number is the set of real types that kernels compute with.
type Number interface{ Float | Integer }

// limits returns the least and the greatest value of a type, infinities for floats.
func limits[T Number]() (lo, hi T) {
	set := func(l, h any) { lo, hi = l.(T), h.(T) }
	switch any(lo).(type) {
	case float32:
		set(float32(math.Inf(-1)), float32(math.Inf(1)))
	case float64:
		set(math.Inf(-1), math.Inf(1))
	case int8:
		set(int8(math.MinInt8), int8(math.MaxInt8))
	case int16:
		set(int16(math.MinInt16), int16(math.MaxInt16))
	case int32:
		set(int32(math.MinInt32), int32(math.MaxInt32))
	case int64:
		set(int64(math.MinInt64), int64(math.MaxInt64))
	case uint8:
		set(uint8(0), uint8(math.MaxUint8))
	case uint16:
		set(uint16(0), uint16(math.MaxUint16))
	case uint32:
		set(uint32(0), uint32(math.MaxUint32))
	case uint64:
		set(uint64(0), uint64(math.MaxUint64))
	}
	return lo, hi
}

// nanOrZero returns NaN for floats and 0 for integers.
func nanOrZero[T Number]() T {
	lo, _ := limits[T]()
	hi := -lo
	if lo-lo == 0 { // only infinity less itself is not
		return 0
	}
	return lo + hi
}
