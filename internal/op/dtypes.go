package op

import "github.com/onnxtool/onnxtool/onnxio/tensor"

// Lists of types that many operators' constraints have in common, in the order of their numbers.
var (
	// Floats16 are the half types.
	Floats16 = []tensor.DType{tensor.Float16, tensor.BFloat16}
	// Floats are float32, float64 and the half types.
	Floats = []tensor.DType{tensor.Float32, tensor.Float16, tensor.Float64, tensor.BFloat16}
	// FloatsIEEE are float16, float32 and float64: the floats before bfloat16 came with opset 13.
	FloatsIEEE = []tensor.DType{tensor.Float32, tensor.Float16, tensor.Float64}
	// SignedInts are int8 to int64.
	SignedInts = []tensor.DType{tensor.Int8, tensor.Int16, tensor.Int32, tensor.Int64}
	// UnsignedInts are uint8 to uint64.
	UnsignedInts = []tensor.DType{tensor.Uint8, tensor.Uint16, tensor.Uint32, tensor.Uint64}
	// Index are the types of indices.
	Index = []tensor.DType{tensor.Int32, tensor.Int64}
	// AllClassic are the fifteen types of opset 7: all but bfloat16 and the 8-bit floats and 4-bit integers.
	AllClassic = []tensor.DType{
		tensor.Float32, tensor.Uint8, tensor.Int8, tensor.Uint16, tensor.Int16, tensor.Int32, tensor.Int64,
		tensor.String, tensor.Bool, tensor.Float16, tensor.Float64, tensor.Uint32, tensor.Uint64, tensor.Complex64, tensor.Complex128,
	}
)

// List joins lists of types.
func List(lists ...[]tensor.DType) []tensor.DType {
	var out []tensor.DType
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// Merge joins kernel tables; a later one overrides.
func Merge(tables ...Kernels) Kernels {
	out := Kernels{}
	for _, t := range tables {
		for d, b := range t {
			out[d] = b
		}
	}
	return out
}

// Wide marks float16 and bfloat16 as computed in float32 between casts.
func Wide() Kernels { return Kernels{tensor.Float16: nil, tensor.BFloat16: nil} }

// Each uses one binder for many types: for operators that move elements and never look at them.
func Each(b Bind, types ...tensor.DType) Kernels {
	out := Kernels{}
	for _, t := range types {
		out[t] = b
	}
	return out
}
