package tensor

// Types that Go lacks, stored as their bits. Integers narrower than a byte hold their value, one a byte.
type (
	Half       uint16 // IEEE 754 binary16; DType Float16
	BHalf      uint16 // upper half of a float32; DType BFloat16
	F8E4M3FN   uint8
	F8E4M3FNUZ uint8
	F8E5M2     uint8
	F8E5M2FNUZ uint8
	F8E8M0     uint8 // a power of two: exponent only
	F6E2M3     uint8 // in the low six bits
	F6E3M2     uint8 // in the low six bits
	F4E2M1     uint8 // in the low four bits
	I4         int8  // -8 to 7
	U4         uint8 // 0 to 15
	I2         int8  // -2 to 1
	U2         uint8 // 0 to 3
)

// Elem is the set of types that a tensor can hold.
type Elem interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | bool | string |
		complex64 | complex128 | Half | BHalf | F8E4M3FN | F8E4M3FNUZ | F8E5M2 | F8E5M2FNUZ | F8E8M0 | F6E2M3 | F6E3M2 | F4E2M1 | I4 | U4 | I2 | U2
}

// Float is the set of floating-point types that Go computes with.
type Float interface{ float32 | float64 }

// Signed is the set of Go's signed integers.
type Signed interface{ int8 | int16 | int32 | int64 }

// Unsigned is the set of Go's unsigned integers.
type Unsigned interface {
	uint8 | uint16 | uint32 | uint64
}

// Integer is the set of Go's integers.
type Integer interface{ Signed | Unsigned }

// Number is the set of real types that Go computes with.
type Number interface{ Float | Integer }

// TypeOf returns the DType of T.
func TypeOf[T Elem]() DType {
	var z T
	switch any(z).(type) {
	case float32:
		return Float32
	case float64:
		return Float64
	case int8:
		return Int8
	case int16:
		return Int16
	case int32:
		return Int32
	case int64:
		return Int64
	case uint8:
		return Uint8
	case uint16:
		return Uint16
	case uint32:
		return Uint32
	case uint64:
		return Uint64
	case bool:
		return Bool
	case string:
		return String
	case complex64:
		return Complex64
	case complex128:
		return Complex128
	case Half:
		return Float16
	case BHalf:
		return BFloat16
	case F8E4M3FN:
		return Float8E4M3FN
	case F8E4M3FNUZ:
		return Float8E4M3FNUZ
	case F8E5M2:
		return Float8E5M2
	case F8E5M2FNUZ:
		return Float8E5M2FNUZ
	case F8E8M0:
		return Float8E8M0
	case F4E2M1:
		return Float4E2M1
	case I4:
		return Int4
	case U4:
		return Uint4
	case I2:
		return Int2
	case F6E2M3:
		return Float6E2M3
	case F6E3M2:
		return Float6E3M2
	case U2:
		return Uint2
	}
	return Undefined
}
