package kernel

// Float is the set of floating-point types that kernels compute with.
type Float interface{ float32 | float64 }

// Integer is the set of integers that kernels compute with.
type Integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// Number is the set of real types that kernels compute with.
type Number interface{ Float | Integer }
