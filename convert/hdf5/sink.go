package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unsafe"
)

// newSink returns what converts elements of type t into dst, or an error where that could lose
// something.
func newSink[T Element](t *Type, dst []T) (sink, error) {
	switch d := any(dst).(type) {
	case []bool:
		if !t.isBool() {
			return nil, fmt.Errorf("%w: %v does not convert to bool", ErrType, t)
		}
		return &boolSink{dst: d}, nil
	case []int8:
		return newNumbers(t, d, Int8)
	case []int16:
		return newNumbers(t, d, Int16)
	case []int32:
		return newNumbers(t, d, Int32)
	case []int64:
		return newNumbers(t, d, Int64)
	case []uint8:
		return newNumbers(t, d, Uint8)
	case []uint16:
		return newNumbers(t, d, Uint16)
	case []uint32:
		return newNumbers(t, d, Uint32)
	case []uint64:
		return newNumbers(t, d, Uint64)
	case []float32:
		return newNumbers(t, d, Float32)
	case []float64:
		return newNumbers(t, d, Float64)
	}
	panic("hdf5: unreachable: Element has a type that newSink does not know")
}

// numbers is the sink for []T.
type numbers[T number] struct {
	dst    []T
	size   int // stored bytes of an element
	native bool
	swap   bool // native but for the byte order
	conv   func(dst []T, raw []byte)
}

// hostBig reports whether this machine is big-endian.
var hostBig = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// newNumbers returns the sink for elements of type t into dst, whose elements are of a kind.
func newNumbers[T number](t *Type, dst []T, kind Kind) (sink, error) {
	s := &numbers[T]{dst: dst, size: t.size}
	stored := t
	if t.class == ClassEnum {
		stored = t.base
	}
	switch {
	case stored.Kind() == kind:
		s.native = true
		s.swap = stored.size > 1 && stored.big != hostBig
	case stored.class == ClassInteger || stored.class == ClassBitfield:
		if err := stored.intFits(t, kind); err != nil {
			return nil, err
		}
		s.conv = func(dst []T, raw []byte) { convertInts(stored, dst, raw) }
	case stored.class == ClassFloat:
		if err := stored.floatFits(kind); err != nil {
			return nil, err
		}
		s.conv = func(dst []T, raw []byte) { convertFloats(stored, dst, raw) }
	case stored.Kind() == String || stored.class == ClassOpaque || stored.class == ClassReference:
		return nil, fmt.Errorf("%w: %v does not convert to %v", ErrType, t, kind)
	default:
		return nil, unsupported("%v as %v", t, kind)
	}
	return s, nil
}

// memory returns dst as bytes.
func (s *numbers[T]) memory(at, n int) []byte {
	part := s.dst[at : at+n]
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(part))), n*s.size)
}

func (s *numbers[T]) put(at int, raw []byte) error {
	n := len(raw) / s.size
	if !s.native {
		s.conv(s.dst[at:at+n], raw)
		return nil
	}
	m := s.memory(at, n)
	copy(m, raw)
	if s.swap {
		swapBytes(m, s.size)
	}
	return nil
}

func (s *numbers[T]) window(at, n int) []byte {
	if !s.native || n == 0 {
		return nil
	}
	return s.memory(at, n)
}

func (s *numbers[T]) settle() error {
	if s.swap {
		swapBytes(s.memory(0, len(s.dst)), s.size)
	}
	return nil
}

func (s *numbers[T]) zero() error {
	clear(s.dst)
	return nil
}

// swapBytes reverses the bytes of each element.
func swapBytes(b []byte, size int) {
	switch size {
	case 2:
		for ; len(b) >= 2; b = b[2:] {
			b[0], b[1] = b[1], b[0]
		}
	case 4:
		for ; len(b) >= 4; b = b[4:] {
			binary.LittleEndian.PutUint32(b, binary.BigEndian.Uint32(b))
		}
	case 8:
		for ; len(b) >= 8; b = b[8:] {
			binary.LittleEndian.PutUint64(b, binary.BigEndian.Uint64(b))
		}
	default:
		for ; len(b) >= size; b = b[size:] {
			for i, j := 0, size-1; i < j; i, j = i+1, j-1 {
				b[i], b[j] = b[j], b[i]
			}
		}
	}
}

// boolSink is the sink for []bool.
type boolSink struct{ dst []bool }

func (s *boolSink) put(at int, raw []byte) error {
	for i, v := range raw {
		if v > 1 {
			return malformed("boolean %d", v)
		}
		s.dst[at+i] = v == 1
	}
	return nil
}

func (s *boolSink) window(int, int) []byte { return nil }
func (s *boolSink) settle() error          { return nil }

func (s *boolSink) zero() error {
	clear(s.dst)
	return nil
}

// byteSink is the sink for stored elements.
type byteSink struct {
	dst  []byte
	size int
	swap bool // to little-endian
}

func (s *byteSink) put(at int, raw []byte) error {
	m := s.dst[at*s.size : at*s.size+len(raw)]
	copy(m, raw)
	if s.swap {
		swapBytes(m, s.size)
	}
	return nil
}

func (s *byteSink) window(at, n int) []byte { return s.dst[at*s.size : (at+n)*s.size] }

func (s *byteSink) settle() error {
	if s.swap {
		swapBytes(s.dst, s.size)
	}
	return nil
}

func (s *byteSink) zero() error {
	clear(s.dst)
	return nil
}

// stringSink is the sink for strings.
type stringSink struct {
	f   *File
	typ *Type
	dst []string
}

func (s *stringSink) put(at int, raw []byte) error {
	size := s.typ.size
	for i := range len(raw) / size {
		elem := raw[i*size : (i+1)*size]
		if s.typ.class == ClassString {
			s.dst[at+i] = s.typ.trim(elem)
			continue
		}
		text, err := s.f.text(elem)
		if err != nil {
			return in(fmt.Sprintf("element %d", at+i), err)
		}
		s.dst[at+i] = text
	}
	return nil
}

// trim cuts the padding off a string of fixed length.
func (t *Type) trim(b []byte) string {
	switch t.pad {
	case padNull:
		if i := bytes.IndexByte(b, 0); i >= 0 {
			b = b[:i]
		}
		return string(b)
	case padSpace:
		return strings.TrimRight(string(b), " ")
	}
	return strings.TrimRight(string(b), "\x00")
}

func (s *stringSink) window(int, int) []byte { return nil }
func (s *stringSink) settle() error          { return nil }

func (s *stringSink) zero() error {
	clear(s.dst)
	return nil
}

// Bits of the numbers that elements convert to: an integer's without its sign, a float's mantissa
// with its leading bit.
var kindBits = map[Kind]int{Int8: 7, Int16: 15, Int32: 31, Int64: 63, Uint8: 8, Uint16: 16, Uint32: 32,
	Uint64: 64, Float32: 24, Float64: 53}

// intFits reports whether every integer of type t is of a kind. shown is the type for errors.
func (t *Type) intFits(shown *Type, kind Kind) error {
	if t.size > 8 {
		return unsupported("%v: integers of more than 8 bytes", t)
	}
	bits := t.precision
	if t.signed {
		bits--
	}
	if shown.isBool() {
		bits = 1
	}
	if bits > kindBits[kind] || t.signed && !shown.isBool() && kind >= Uint8 && kind <= Uint64 {
		return fmt.Errorf("%w: %v does not convert to %v without loss", ErrType, shown, kind)
	}
	return nil
}

// floatFits reports whether every float of type t is of a kind.
func (t *Type) floatFits(kind Kind) error {
	if kind != Float32 && kind != Float64 {
		return fmt.Errorf("%w: %v does not convert to %v", ErrType, t, kind)
	}
	f := t.float
	switch {
	case f.odd != "":
		return unsupported("%v: %s", t, f.odd)
	case t.size > 8:
		return unsupported("%v: floats of more than 8 bytes", t)
	}
	mantissa, lowest, highest := 23, int64(-149), int64(127)
	if kind == Float64 {
		mantissa, lowest, highest = 52, -1074, 1023
	}
	max := int64(1)<<f.expBits - 2 - f.bias
	min := 1 - f.bias - int64(f.manBits)
	if f.expBits > 11 || f.manBits > mantissa || max > highest || min < lowest {
		return fmt.Errorf("%w: %v does not convert to %v without loss", ErrType, t, kind)
	}
	return nil
}

// load returns the bytes of a number of up to 8 bytes as an integer.
func (t *Type) load(b []byte) uint64 {
	switch {
	case t.size == 4 && !t.big:
		return uint64(binary.LittleEndian.Uint32(b))
	case t.size == 4:
		return uint64(binary.BigEndian.Uint32(b))
	case t.size == 2 && !t.big:
		return uint64(binary.LittleEndian.Uint16(b))
	case t.size == 2:
		return uint64(binary.BigEndian.Uint16(b))
	}
	var v uint64
	if t.big {
		for _, x := range b[:t.size] {
			v = v<<8 | uint64(x)
		}
		return v
	}
	for i := t.size - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v
}

// bits returns the value of an integer, sign-extended to 64 bits where it has a sign.
func (t *Type) bits(b []byte) uint64 {
	v := t.load(b) >> t.bitOffset
	unused := 64 - t.precision
	if t.signed {
		return uint64(int64(v<<unused) >> unused)
	}
	return v << unused >> unused
}

func convertInts[T number](t *Type, dst []T, raw []byte) {
	if t.signed {
		for i := range dst {
			dst[i] = T(int64(t.bits(raw[i*t.size:])))
		}
		return
	}
	for i := range dst {
		dst[i] = T(t.bits(raw[i*t.size:]))
	}
}

func convertFloats[T number](t *Type, dst []T, raw []byte) {
	if t.Kind() == Float32 && !t.big { // the commonest, four times as fast as the rest
		for i := range dst {
			dst[i] = T(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		}
		return
	}
	for i := range dst {
		dst[i] = T(t.float64(raw[i*t.size:]))
	}
}

// float64 returns the value of a float that floatFits in a float64. As in IEEE 754, an exponent of
// ones is an infinity or, with a mantissa, not a number.
func (t *Type) float64(b []byte) float64 {
	f, v := &t.float, t.load(b)
	sign := v >> f.sign & 1 << 63
	exp := v >> f.expPos & (1<<f.expBits - 1)
	man := v >> f.manPos & (1<<f.manBits - 1)
	switch exp {
	case 0:
		if man == 0 {
			return math.Float64frombits(sign)
		}
		x := math.Ldexp(float64(man), 1-int(f.bias)-f.manBits)
		return math.Float64frombits(math.Float64bits(x) | sign)
	case 1<<f.expBits - 1:
		return math.Float64frombits(sign | 0x7ff<<52 | man<<(52-f.manBits))
	}
	return math.Float64frombits(sign | uint64(int64(exp)-f.bias+1023)<<52 | man<<(52-f.manBits))
}
