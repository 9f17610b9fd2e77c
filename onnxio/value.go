package onnxio

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unsafe"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// littleEndian reports whether this machine's byte order is that of RawData.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// Shape returns the dimensions, or an error where one is negative or the tensor is too large.
func (m *Tensor) Shape() (tensor.Shape, error) {
	s := make(tensor.Shape, len(m.Dims))
	for i, d := range m.Dims {
		if d < 0 || int64(int(d)) != d {
			return nil, m.errorf("dimension %d is %d", i, d)
		}
		s[i] = int(d)
	}
	if _, ok := s.Size(); !ok {
		return nil, m.errorf("shape %v has too many elements", s)
	}
	return s, nil
}

func (m *Tensor) errorf(format string, args ...any) error {
	return fmt.Errorf("%w: tensor %q: %s", ErrMalformed, m.Name, fmt.Sprintf(format, args...))
}

// Value returns the tensor's elements. They share memory with the document or its file where the
// stored form allows, so they must not be changed: [tensor.CloneAny] makes a copy. Elements narrower
// than a byte take a byte each, and bools are 0 or 1. External data is read now.
//
// It is an error if the elements are not in the place that the type calls for, in exactly the number
// that the dimensions give.
func (m *Tensor) Value() (tensor.Any, error) {
	d := m.DType()
	if d == tensor.Undefined {
		return nil, m.errorf("element type %d does not exist", m.DataType)
	}
	if m.Segment != nil {
		return nil, fmt.Errorf("%w: tensor %q: a segment of a larger tensor", ErrUnsupported, m.Name)
	}
	shape, err := m.Shape()
	if err != nil {
		return nil, err
	}
	if m.DataLocation == DataLocationExternal {
		raw, err := m.external(d, shape.Len())
		if err != nil {
			return nil, err
		}
		return m.fromRaw(d, shape, raw)
	}
	if m.DataLocation != DataLocationDefault {
		return nil, m.errorf("data location %d does not exist", m.DataLocation)
	}
	if err := m.onePlace(d); err != nil {
		return nil, err
	}
	if len(m.RawData) > 0 {
		return m.fromRaw(d, shape, m.RawData)
	}
	return m.fromList(d, shape)
}

// RawSize returns the bytes that n elements take in RawData: narrow ones are packed. It is 0 for strings.
func RawSize(d tensor.DType, n int) int {
	bits := d.Bits()
	if bits >= 8 {
		return n * (bits / 8)
	}
	return n/8*bits + (n%8*bits+7)/8
}

// tooMany reports whether n elements of a type have more bytes than an int counts.
func tooMany(d tensor.DType, n int) bool {
	return n > int(^uint(0)>>1)/max(d.Size(), 1)
}

// fromRaw makes a tensor of elements in the form of RawData.
func (m *Tensor) fromRaw(d tensor.DType, shape tensor.Shape, raw []byte) (tensor.Any, error) {
	if err := m.fits(d, shape, raw); err != nil {
		return nil, err
	}
	switch {
	case d.Bits() < 8:
		t, err := tensor.Alloc(d, shape)
		if err == nil {
			unpack(d, tensor.Bytes(t), raw)
		}
		return t, err
	case d == tensor.Bool && !onlyBools(raw):
		raw = slices.Clone(raw)
		for i, b := range raw {
			raw[i] = min(b, 1)
		}
	}
	if littleEndian && uintptr(unsafe.Pointer(unsafe.SliceData(raw)))%alignment(d) == 0 {
		return tensor.View(d, shape, raw)
	}
	t, err := tensor.Alloc(d, shape)
	if err == nil {
		copy(tensor.Bytes(t), raw)
		swapBytes(d, tensor.Bytes(t))
	}
	return t, err
}

// fits checks that raw has the elements of a type and shape, no less and no more.
func (m *Tensor) fits(d tensor.DType, shape tensor.Shape, raw []byte) error {
	if d == tensor.String {
		return m.errorf("strings cannot be in raw_data")
	}
	if n := shape.Len(); tooMany(d, n) || RawSize(d, n) != len(raw) {
		return m.errorf("%v of shape %v does not fit %d bytes", d, shape, len(raw))
	}
	return nil
}

func onlyBools(b []byte) bool {
	for _, x := range b {
		if x > 1 {
			return false
		}
	}
	return true
}

// unit returns the bytes of a type's numbers: those of a part for a complex type.
func unit(d tensor.DType) int {
	if d == tensor.Complex64 || d == tensor.Complex128 {
		return d.Size() / 2
	}
	return d.Size()
}

func alignment(d tensor.DType) uintptr {
	// A machine may align 8-byte numbers less strictly; more does no harm.
	return uintptr(unit(d))
}

// swapBytes turns little-endian elements into the machine's order, or back.
func swapBytes(d tensor.DType, b []byte) {
	if littleEndian {
		return
	}
	for n := unit(d); len(b) >= n; b = b[n:] {
		slices.Reverse(b[:n])
	}
}

// unpack spreads elements narrower than a byte over dst, one a byte; the first is in the low bits.
// Signed integers keep their sign.
func unpack(d tensor.DType, dst, src []byte) {
	bits := d.Bits()
	if bits == 6 {
		for i := range dst {
			at := i * 6
			v := uint16(src[at/8])
			if at%8 > 2 {
				v |= uint16(src[at/8+1]) << 8
			}
			dst[i] = byte(v>>(at%8)) & 0x3f
		}
		return
	}
	per, mask := 8/bits, byte(1)<<bits-1
	signed := d == tensor.Int4 || d == tensor.Int2
	for i := range dst {
		v := src[i/per] >> (i % per * bits) & mask
		if signed && v > mask>>1 {
			v |= ^mask
		}
		dst[i] = v
	}
}

// pack is the reverse of unpack.
func pack(d tensor.DType, src []byte) []byte {
	bits := d.Bits()
	dst := make([]byte, RawSize(d, len(src)))
	mask := uint16(1)<<bits - 1
	for i, v := range src {
		at := i * bits
		w := (uint16(v) & mask) << (at % 8)
		dst[at/8] |= byte(w)
		if w > 0xff {
			dst[at/8+1] |= byte(w >> 8)
		}
	}
	return dst
}

// FromTensor returns a document's tensor with the elements of t, whose memory it shares where the
// stored form allows. Strings are UTF-8 in StringData, everything else is in RawData.
func FromTensor(name string, t tensor.Any) *Tensor {
	m := &Tensor{Name: name, DataType: int32(t.DType()), Dims: make([]int64, t.Shape().Rank())}
	for i, n := range t.Shape() {
		m.Dims[i] = int64(n)
	}
	if list := tensor.Data[string](t); t.DType() == tensor.String {
		m.StringData = make([][]byte, len(list))
		for i, s := range list {
			m.StringData[i] = []byte(s)
		}
		return m
	}
	b := tensor.Bytes(t)
	switch {
	case t.DType().Bits() < 8:
		b = pack(t.DType(), b)
	case !littleEndian && unit(t.DType()) > 1:
		b = slices.Clone(b)
		swapBytes(t.DType(), b)
	}
	m.RawData = b
	return m
}
