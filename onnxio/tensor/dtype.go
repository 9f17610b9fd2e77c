package tensor

import "strconv"

// DType is an element type. Its values are those of ONNX's TensorProto.DataType.
type DType uint8

// The element types of ONNX.
const (
	Undefined      DType = 0
	Float32        DType = 1
	Uint8          DType = 2
	Int8           DType = 3
	Uint16         DType = 4
	Int16          DType = 5
	Int32          DType = 6
	Int64          DType = 7
	String         DType = 8
	Bool           DType = 9
	Float16        DType = 10
	Float64        DType = 11
	Uint32         DType = 12
	Uint64         DType = 13
	Complex64      DType = 14
	Complex128     DType = 15
	BFloat16       DType = 16
	Float8E4M3FN   DType = 17
	Float8E4M3FNUZ DType = 18
	Float8E5M2     DType = 19
	Float8E5M2FNUZ DType = 20
	Uint4          DType = 21
	Int4           DType = 22
	Float4E2M1     DType = 23
	Float8E8M0     DType = 24
	Uint2          DType = 25
	Int2           DType = 26
	Float6E2M3     DType = 27
	Float6E3M2     DType = 28
)

type dtypeInfo struct {
	onnx  string // name in ONNX's type strings: tensor(float)
	short string // name in messages: f32
	bits  int    // bits an element takes in a file; 0 where that varies
	mem   int    // bytes an element takes in memory; 0 for strings
}

var dtypes = [...]dtypeInfo{
	Undefined:      {"undefined", "?", 0, 0},
	Float32:        {"float", "f32", 32, 4},
	Uint8:          {"uint8", "u8", 8, 1},
	Int8:           {"int8", "i8", 8, 1},
	Uint16:         {"uint16", "u16", 16, 2},
	Int16:          {"int16", "i16", 16, 2},
	Int32:          {"int32", "i32", 32, 4},
	Int64:          {"int64", "i64", 64, 8},
	String:         {"string", "string", 0, 0},
	Bool:           {"bool", "bool", 8, 1},
	Float16:        {"float16", "f16", 16, 2},
	Float64:        {"double", "f64", 64, 8},
	Uint32:         {"uint32", "u32", 32, 4},
	Uint64:         {"uint64", "u64", 64, 8},
	Complex64:      {"complex64", "c64", 64, 8},
	Complex128:     {"complex128", "c128", 128, 16},
	BFloat16:       {"bfloat16", "bf16", 16, 2},
	Float8E4M3FN:   {"float8e4m3fn", "f8e4m3fn", 8, 1},
	Float8E4M3FNUZ: {"float8e4m3fnuz", "f8e4m3fnuz", 8, 1},
	Float8E5M2:     {"float8e5m2", "f8e5m2", 8, 1},
	Float8E5M2FNUZ: {"float8e5m2fnuz", "f8e5m2fnuz", 8, 1},
	Uint4:          {"uint4", "u4", 4, 1},
	Int4:           {"int4", "i4", 4, 1},
	Float4E2M1:     {"float4e2m1", "f4e2m1", 4, 1},
	Float8E8M0:     {"float8e8m0", "f8e8m0", 8, 1},
	Uint2:          {"uint2", "u2", 2, 1},
	Int2:           {"int2", "i2", 2, 1},
	Float6E2M3:     {"float6e2m3", "f6e2m3", 6, 1},
	Float6E3M2:     {"float6e3m2", "f6e3m2", 6, 1},
}

// Valid reports whether d is one of the element types above, Undefined excepted.
func (d DType) Valid() bool { return d > Undefined && int(d) < len(dtypes) }

func (d DType) info() dtypeInfo {
	if int(d) >= len(dtypes) {
		return dtypeInfo{"dtype(" + strconv.Itoa(int(d)) + ")", "dtype(" + strconv.Itoa(int(d)) + ")", 0, 0}
	}
	return dtypes[d]
}

// String returns the short name used in messages: f32, i64, bf16, string.
func (d DType) String() string { return d.info().short }

// ONNX returns the name that ONNX's schemas use inside tensor(...): float, int64, bfloat16.
func (d DType) ONNX() string { return d.info().onnx }

// Bits returns the width of a stored element, 0 for strings.
// Elements narrower than a byte are packed in files, low bits first.
func (d DType) Bits() int { return d.info().bits }

// Size returns the bytes that an element takes in memory, 0 for strings.
// 2-, 4- and 6-bit elements take a byte each.
func (d DType) Size() int { return d.info().mem }

// IsFloat reports whether d is a floating-point type of any width, complex types excepted.
func (d DType) IsFloat() bool {
	switch d {
	case Float32, Float64, Float16, BFloat16, Float8E4M3FN, Float8E4M3FNUZ, Float8E5M2, Float8E5M2FNUZ, Float8E8M0,
		Float6E2M3, Float6E3M2, Float4E2M1:
		return true
	}
	return false
}

// IsInt reports whether d is an integer type of any width; Bool is none.
func (d DType) IsInt() bool {
	switch d {
	case Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64, Int4, Uint4, Int2, Uint2:
		return true
	}
	return false
}

// ParseDType returns the type with the given short or ONNX name.
func ParseDType(name string) (DType, bool) {
	for d, info := range dtypes {
		if d != 0 && (info.short == name || info.onnx == name) {
			return DType(d), true
		}
	}
	return Undefined, false
}
