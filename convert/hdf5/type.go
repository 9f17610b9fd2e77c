package hdf5

import (
	"fmt"
	"strings"
)

// Class is the class of a datatype, numbered as in the format.
type Class uint8

// The classes of the format.
const (
	ClassInteger Class = iota
	ClassFloat
	ClassTime
	ClassString // of fixed length
	ClassBitfield
	ClassOpaque
	ClassCompound
	ClassReference
	ClassEnum
	ClassVariable // variable length; strings too
	ClassArray
	ClassComplex
)

var classNames = [...]string{"integer", "float", "time", "string", "bitfield", "opaque", "compound",
	"reference", "enum", "variable-length", "array", "complex"}

func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return fmt.Sprintf("class %d", uint8(c))
}

// Type is a datatype as the file stores it. It is immutable.
type Type struct {
	class Class
	size  int
	big   bool // big-endian
	// integers, bitfields, floats: which bits count
	bitOffset, precision int
	signed               bool
	float                floatFormat
	text                 bool // ClassVariable: a string
	pad                  stringPad
	utf8                 bool
	base                 *Type // enum, variable-length, array
	enum                 []EnumMember
	fields               []field
	dims                 []int // array
	tag                  string
}

// floatFormat places the parts of a float in its bits.
type floatFormat struct {
	sign, expPos, expBits, manPos, manBits int
	bias                                   int64
	odd                                    string // why the format is not IEEE-like, or empty
}

// stringPad says how a fixed string ends.
type stringPad uint8

const (
	padNull  stringPad = iota // at the first zero byte
	padZero                   // trailing zero bytes are padding
	padSpace                  // trailing spaces are padding
)

// EnumMember is a named value of an enumeration.
type EnumMember struct {
	Name  string
	Value int64 // of an unsigned 64-bit base, its bits
}

// field is a member of a compound datatype, kept for its name and type alone.
type field struct {
	name string
	typ  *Type
}

// Class returns the datatype's class.
func (t *Type) Class() Class { return t.class }

// Size returns the bytes of one element in the file.
func (t *Type) Size() int { return t.size }

// BigEndian reports whether numbers are stored with the high byte first.
func (t *Type) BigEndian() bool {
	if t.class == ClassEnum {
		return t.base.big
	}
	return t.big
}

// Tag returns what an opaque datatype says of itself.
func (t *Type) Tag() string { return t.tag }

// UTF8 reports whether a string's character set is UTF-8 rather than ASCII.
func (t *Type) UTF8() bool { return t.utf8 }

// Enum returns the members of an enumeration in the file's order.
func (t *Type) Enum() []EnumMember { return append([]EnumMember(nil), t.enum...) }

// Kind is what an element is to a program: the datatype without the file's byte order.
type Kind uint8

// The kinds. Numbers of no Go type (24-bit integers, odd floats) are Integer, Unsigned and Float;
// [Read] converts them where it can.
const (
	Other Kind = iota // time, compound, variable-length other than strings, complex
	Bool              // h5py's enumeration FALSE=0, TRUE=1 of one byte
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Float16
	BFloat16
	Float32
	Float64
	Integer
	Unsigned
	Float
	Enum
	String // of fixed or variable length
	Opaque
	Reference
)

var kindNames = [...]string{"other", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16",
	"uint32", "uint64", "float16", "bfloat16", "float32", "float64", "integer", "unsigned", "float",
	"enum", "string", "opaque", "reference"}

// String returns the kind's name, for numbers NumPy's.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// The float layouts that have names: IEEE 754 and bfloat16.
var floatKinds = map[floatFormat]Kind{
	{sign: 15, expPos: 10, expBits: 5, manPos: 0, manBits: 10, bias: 15}:    Float16,
	{sign: 15, expPos: 7, expBits: 8, manPos: 0, manBits: 7, bias: 127}:     BFloat16,
	{sign: 31, expPos: 23, expBits: 8, manPos: 0, manBits: 23, bias: 127}:   Float32,
	{sign: 63, expPos: 52, expBits: 11, manPos: 0, manBits: 52, bias: 1023}: Float64,
}

// Kind returns the element's kind.
func (t *Type) Kind() Kind {
	switch t.class {
	case ClassInteger, ClassBitfield:
		return t.intKind()
	case ClassFloat:
		if k, ok := floatKinds[t.float]; ok && t.size == map[Kind]int{Float16: 2, BFloat16: 2, Float32: 4, Float64: 8}[k] {
			return k
		}
		return Float
	case ClassEnum:
		if t.isBool() {
			return Bool
		}
		return Enum
	case ClassString:
		return String
	case ClassVariable:
		if t.text {
			return String
		}
	case ClassOpaque:
		return Opaque
	case ClassReference:
		return Reference
	}
	return Other
}

func (t *Type) intKind() Kind {
	whole := t.bitOffset == 0 && t.precision == 8*t.size
	for i, size := range [...]int{1, 2, 4, 8} {
		if whole && t.size == size {
			if t.signed {
				return Int8 + Kind(i)
			}
			return Uint8 + Kind(i)
		}
	}
	if t.signed {
		return Integer
	}
	return Unsigned
}

// isBool recognises the enumeration that h5py writes for a bool.
func (t *Type) isBool() bool {
	if t.class != ClassEnum || t.size != 1 || len(t.enum) != 2 {
		return false
	}
	a, b := t.enum[0], t.enum[1]
	return a == EnumMember{"FALSE", 0} && b == EnumMember{"TRUE", 1} ||
		b == EnumMember{"FALSE", 0} && a == EnumMember{"TRUE", 1}
}

// String describes the datatype: "float32", "big-endian int16", "string[16]", "compound{x float32}".
func (t *Type) String() string {
	order := ""
	if t.BigEndian() && t.size > 1 {
		order = "big-endian "
	}
	switch t.class {
	case ClassInteger, ClassFloat, ClassBitfield:
		if k := t.Kind(); k < Integer {
			return order + k.String()
		}
		return fmt.Sprintf("%s%d-bit %v in %d bytes", order, t.precision, t.Kind(), t.size)
	case ClassEnum:
		if t.isBool() {
			return "bool"
		}
		return fmt.Sprintf("enum of %v", t.base)
	case ClassString:
		return fmt.Sprintf("string[%d]", t.size)
	case ClassVariable:
		if t.text {
			return "string"
		}
		return fmt.Sprintf("variable-length %v", t.base)
	case ClassArray:
		return fmt.Sprintf("array%v of %v", t.dims, t.base)
	case ClassCompound:
		var s []string
		for _, f := range t.fields {
			s = append(s, fmt.Sprintf("%s %v", f.name, f.typ))
		}
		return "compound{" + strings.Join(s, ", ") + "}"
	}
	return fmt.Sprintf("%v[%d]", t.class, t.size)
}
