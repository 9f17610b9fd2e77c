package onnxio

import (
	"math"
	"unsafe"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// place is one of the fields that a tensor's elements can be in.
type place struct {
	name string
	len  int
}

func (m *Tensor) places() [6]place {
	return [...]place{
		{"float_data", len(m.FloatData)}, {"int32_data", len(m.Int32Data)}, {"string_data", len(m.StringData)},
		{"int64_data", len(m.Int64Data)}, {"double_data", len(m.DoubleData)}, {"uint64_data", len(m.Uint64Data)},
	}
}

// listOf names the field, besides raw_data, that elements of a type are in.
func listOf(d tensor.DType) string {
	switch d {
	case tensor.Float32, tensor.Complex64:
		return "float_data"
	case tensor.Float64, tensor.Complex128:
		return "double_data"
	case tensor.Int64:
		return "int64_data"
	case tensor.Uint64, tensor.Uint32:
		return "uint64_data"
	case tensor.String:
		return "string_data"
	}
	return "int32_data"
}

// onePlace checks that elements are in no other field than the type's, and not in two of them.
func (m *Tensor) onePlace(d tensor.DType) error {
	want := listOf(d)
	for _, p := range m.places() {
		switch {
		case p.len == 0:
		case p.name != want:
			return m.errorf("elements of type %v in %s: they belong in %s", d, p.name, want)
		case len(m.RawData) > 0:
			return m.errorf("elements in raw_data and in %s", p.name)
		}
	}
	return nil
}

// entries returns how many entries of its list n elements take.
func entries(d tensor.DType, n int) int {
	switch {
	case d == tensor.Complex64 || d == tensor.Complex128:
		return 2 * n
	case d.Bits() == 6:
		return n
	case d != tensor.String && d.Bits() < 8:
		return RawSize(d, n)
	}
	return n
}

// checkList checks that the type's list has the elements of a shape, no less and no more, each in
// the type's range.
func (m *Tensor) checkList(d tensor.DType, shape tensor.Shape) error {
	n, want := shape.Len(), listOf(d)
	have := 0
	for _, p := range m.places() {
		if p.name == want {
			have = p.len
		}
	}
	if n > math.MaxInt/2 || have != entries(d, n) {
		return m.errorf("%v of shape %v does not fit %d entries of %s", d, shape, have, want)
	}
	if d == tensor.Uint32 {
		for i, v := range m.Uint64Data {
			if v > math.MaxUint32 {
				return m.errorf("uint64_data[%d] = %d is no u32", i, v)
			}
		}
	}
	if want == "int32_data" && d != tensor.Int32 {
		lo, hi := bounds(d)
		for i, v := range m.Int32Data {
			if v < lo || v > hi {
				return m.errorf("int32_data[%d] = %d is no %v", i, v, d)
			}
		}
	}
	return nil
}

// fromList makes a tensor of the elements in the type's list.
func (m *Tensor) fromList(d tensor.DType, shape tensor.Shape) (tensor.Any, error) {
	if err := m.checkList(d, shape); err != nil {
		return nil, err
	}
	switch d {
	case tensor.Float32, tensor.Complex64:
		return tensor.View(d, shape, bytesOf(m.FloatData))
	case tensor.Float64, tensor.Complex128:
		return tensor.View(d, shape, bytesOf(m.DoubleData))
	case tensor.Int64:
		return tensor.View(d, shape, bytesOf(m.Int64Data))
	case tensor.Uint64:
		return tensor.View(d, shape, bytesOf(m.Uint64Data))
	case tensor.Int32:
		return tensor.View(d, shape, bytesOf(m.Int32Data))
	case tensor.String:
		list := make([]string, len(m.StringData))
		for i, s := range m.StringData {
			list[i] = string(s)
		}
		return tensor.New(list, shape...)
	case tensor.Uint32:
		list := make([]uint32, len(m.Uint64Data))
		for i, v := range m.Uint64Data {
			list[i] = uint32(v)
		}
		return tensor.New(list, shape...)
	}
	return m.narrow(d, shape)
}

// bytesOf returns the memory of a slice of numbers.
func bytesOf[T any](s []T) []byte {
	var z T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(z)))
}

// bounds returns the values that an entry of int32_data may have.
func bounds(d tensor.DType) (lo, hi int32) {
	switch {
	case d == tensor.Int8:
		return math.MinInt8, math.MaxInt8
	case d == tensor.Int16:
		return math.MinInt16, math.MaxInt16
	case d == tensor.Bool:
		return math.MinInt32, math.MaxInt32
	case d.Bits() == 16:
		return 0, math.MaxUint16
	case d.Bits() == 6:
		return 0, 63
	case d.Bits() < 8:
		// A byte of packed elements; some writers extend its sign.
		return math.MinInt8, math.MaxUint8
	}
	return 0, math.MaxUint8
}

// narrow makes a tensor of the elements in int32_data that take two bytes or less.
func (m *Tensor) narrow(d tensor.DType, shape tensor.Shape) (tensor.Any, error) {
	t, err := tensor.Alloc(d, shape)
	if err != nil {
		return nil, err
	}
	dst := tensor.Bytes(t)
	switch {
	case d.Size() == 2:
		for i, v := range m.Int32Data {
			*(*uint16)(unsafe.Pointer(&dst[2*i])) = uint16(v)
		}
	case d == tensor.Bool:
		for i, v := range m.Int32Data {
			if v != 0 {
				dst[i] = 1
			}
		}
	case d.Bits() == 6 || d.Bits() == 8:
		for i, v := range m.Int32Data {
			dst[i] = byte(v)
		}
	default:
		packed := make([]byte, len(m.Int32Data))
		for i, v := range m.Int32Data {
			packed[i] = byte(v)
		}
		unpack(d, dst, packed)
	}
	return t, nil
}
