package hdf5

import (
	"fmt"
	"unsafe"
)

// Element is a Go type that elements can be read into.
type Element interface {
	bool | number
}

// number is an Element with arithmetic.
type number interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// Value is what holds elements: a *[Dataset] or an [Attribute].
type Value interface {
	// Type returns the datatype of the elements.
	Type() *Type
	// Shape returns the dimensions.
	Shape() []int
	// Len returns the number of elements.
	Len() int

	values() values
}

// values is a Value on its way into memory.
type values struct {
	f     *File
	typ   *Type // of one number or string
	n     int
	pay   func(bytes int64) error // charges the file's budget
	feed  func(sink) error
	where string // path, for errors
	err   error  // why there are no values
}

// sink takes the elements of a dataset or attribute. They come as runs of stored elements, in any
// order.
type sink interface {
	// put converts a run that begins at element at.
	put(at int, raw []byte) error
	// window returns the memory of n elements from at, where stored bytes may be read straight into
	// it; nil where they must be converted. After the last window has been filled comes settle.
	window(at, n int) []byte
	settle() error
	// zero makes every element zero.
	zero() error
}

// Read returns the elements of a dataset or attribute in row-major order. It converts only where
// every value of the stored datatype is a value of T:
//
//   - integers to integers with at least their range, and to floats with at least as many bits of
//     mantissa (24 or 53) as the integer has bits besides its sign;
//   - floats to floats with at least their mantissa and range: half and bfloat16 to float32 and
//     float64, float32 to float64;
//   - booleans to bool and, as 0 and 1, to every number; other enumerations as their integers.
//
// Anything else is an error that matches [ErrType]: a float never becomes an integer, int64 never
// float64, float64 never float32. [Bytes] gives the stored elements of any fixed size. Where there
// are no elements the datatype does not matter: Keras writes an empty list of names as floats.
func Read[T Element](v Value) ([]T, error) {
	x := v.values()
	out, err := read[T](x)
	return out, at(x.where, err)
}

func read[T Element](x values) ([]T, error) {
	if x.err != nil {
		return nil, x.err
	}
	if x.n == 0 {
		return []T{}, nil
	}
	if _, err := newSink[T](x.typ, nil); err != nil {
		return nil, err
	}
	var zero T
	size, ok := mul(uint64(x.n), uint64(max(x.typ.size, int(unsafe.Sizeof(zero)))))
	if !ok {
		size = 1 << 62
	}
	if err := x.pay(int64(size)); err != nil {
		return nil, err
	}
	dst := make([]T, x.n)
	return dst, readInto(x, dst)
}

// ReadInto is [Read] into memory that the caller has: dst must have exactly as many elements as v.
// After an error its contents are not defined.
func ReadInto[T Element](v Value, dst []T) error {
	x := v.values()
	if x.err == nil && len(dst) != x.n {
		return at(x.where, fmt.Errorf("%w: %d elements for %d", ErrShape, len(dst), x.n))
	}
	return at(x.where, readInto(x, dst))
}

func readInto[T Element](x values, dst []T) error {
	if x.err != nil {
		return x.err
	}
	if x.n == 0 {
		return nil
	}
	s, err := newSink(x.typ, dst)
	if err != nil {
		return err
	}
	return x.feed(s)
}

// ReadFloat32 is Read[float32]: for float32, half, bfloat16, integers of up to 16 bits, booleans.
func (d *Dataset) ReadFloat32() ([]float32, error) { return Read[float32](d) }

// ReadInto is [ReadInto] for float32.
func (d *Dataset) ReadInto(dst []float32) error { return ReadInto(d, dst) }

// Strings returns the elements of a dataset of strings.
func (d *Dataset) Strings() ([]string, error) { return Strings(d) }

// Bytes returns the elements as [Bytes] does.
func (d *Dataset) Bytes() ([]byte, error) { return Bytes(d) }

// Strings returns the elements of a dataset or attribute of strings, of fixed or variable length.
// The padding of fixed strings is cut off as the datatype says. Whether the text is valid UTF-8 is
// not checked.
func Strings(v Value) ([]string, error) {
	x := v.values()
	out, err := readStrings(x)
	return out, at(x.where, err)
}

func readStrings(x values) ([]string, error) {
	if x.err != nil {
		return nil, x.err
	}
	if x.n == 0 {
		return []string{}, nil
	}
	if x.typ.Kind() != String {
		return nil, fmt.Errorf("%w: %v, not strings", ErrType, x.typ)
	}
	size := stringCost
	if x.typ.class == ClassString {
		size += x.typ.size
	}
	n, ok := mul(uint64(x.n), uint64(size))
	if !ok {
		n = 1 << 62
	}
	if err := x.pay(int64(n)); err != nil {
		return nil, err
	}
	s := &stringSink{f: x.f, typ: x.typ, dst: make([]string, x.n)}
	if err := x.feed(s); err != nil {
		return nil, err
	}
	return s.dst, nil
}

// stringCost is the size of a string's header.
const stringCost = 16

// Bytes returns the elements of a dataset or attribute one after the other in row-major order, as
// stored but with numbers in little-endian order, which is how ONNX wants them. Elements of
// variable length and compounds give an error that matches [ErrUnsupported].
func Bytes(v Value) ([]byte, error) {
	x := v.values()
	out, err := readBytes(x)
	return out, at(x.where, err)
}

func readBytes(x values) ([]byte, error) {
	if x.err != nil {
		return nil, x.err
	}
	if x.n == 0 {
		return []byte{}, nil
	}
	switch x.typ.class {
	case ClassVariable, ClassCompound, ClassComplex, ClassTime:
		return nil, unsupported("bytes of %v", x.typ)
	}
	n := int64(x.n) * int64(x.typ.size)
	if err := x.pay(n); err != nil {
		return nil, err
	}
	s := &byteSink{dst: make([]byte, n), size: x.typ.size, swap: x.typ.BigEndian() && x.typ.size > 1}
	if err := x.feed(s); err != nil {
		return nil, err
	}
	return s.dst, nil
}
