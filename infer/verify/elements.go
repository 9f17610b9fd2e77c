package verify

import (
	"math"
	"strconv"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// elements compares two tensors of one type and shape.
func (c *comparison) elements(got, ref tensor.Any) {
	switch ref := ref.(type) {
	case *tensor.Tensor[float32]:
		reals(c, tensor.Data[float32](got), ref.Data(), func(x float32) float64 { return float64(x) }, key32, 32)
	case *tensor.Tensor[float64]:
		reals(c, tensor.Data[float64](got), ref.Data(), func(x float64) float64 { return x }, key64, 64)
	case *tensor.Tensor[tensor.Half]:
		small(c, tensor.Data[tensor.Half](got), ref.Data(), 15)
	case *tensor.Tensor[tensor.BHalf]:
		small(c, tensor.Data[tensor.BHalf](got), ref.Data(), 15)
	case *tensor.Tensor[tensor.F8E4M3FN]:
		small(c, tensor.Data[tensor.F8E4M3FN](got), ref.Data(), 7)
	case *tensor.Tensor[tensor.F8E4M3FNUZ]:
		small(c, tensor.Data[tensor.F8E4M3FNUZ](got), ref.Data(), 7)
	case *tensor.Tensor[tensor.F8E5M2]:
		small(c, tensor.Data[tensor.F8E5M2](got), ref.Data(), 7)
	case *tensor.Tensor[tensor.F8E5M2FNUZ]:
		small(c, tensor.Data[tensor.F8E5M2FNUZ](got), ref.Data(), 7)
	case *tensor.Tensor[tensor.F8E8M0]:
		small(c, tensor.Data[tensor.F8E8M0](got), ref.Data(), 8)
	case *tensor.Tensor[tensor.F6E2M3]:
		small(c, tensor.Data[tensor.F6E2M3](got), ref.Data(), 5)
	case *tensor.Tensor[tensor.F6E3M2]:
		small(c, tensor.Data[tensor.F6E3M2](got), ref.Data(), 5)
	case *tensor.Tensor[tensor.F4E2M1]:
		small(c, tensor.Data[tensor.F4E2M1](got), ref.Data(), 3)
	case *tensor.Tensor[complex64]:
		for i, a := range tensor.Data[complex64](got) {
			b := ref.Data()[i]
			steps := max(apart(key32(real(a)), key32(real(b))), apart(key32(imag(a)), key32(imag(b))))
			c.complex(i, complex128(a), complex128(b), steps, 64)
		}
	case *tensor.Tensor[complex128]:
		for i, a := range tensor.Data[complex128](got) {
			b := ref.Data()[i]
			steps := max(apart(key64(real(a)), key64(real(b))), apart(key64(imag(a)), key64(imag(b))))
			c.complex(i, a, b, steps, 128)
		}
	case *tensor.Tensor[string]:
		for i, a := range tensor.Data[string](got) {
			if b := ref.Data()[i]; a != b {
				c.outside(i, strconv.Quote(a), strconv.Quote(b))
			}
		}
	case *tensor.Tensor[bool]:
		for i, a := range tensor.Data[bool](got) {
			if b := ref.Data()[i]; a != b {
				c.figures(1, 0, 1)
				c.outside(i, strconv.FormatBool(a), strconv.FormatBool(b))
			}
		}
	default:
		c.integers(got, ref)
	}
}

func (c *comparison) integers(got, ref tensor.Any) {
	switch ref := ref.(type) {
	case *tensor.Tensor[int8]:
		signed(c, tensor.Data[int8](got), ref.Data())
	case *tensor.Tensor[int16]:
		signed(c, tensor.Data[int16](got), ref.Data())
	case *tensor.Tensor[int32]:
		signed(c, tensor.Data[int32](got), ref.Data())
	case *tensor.Tensor[int64]:
		signed(c, tensor.Data[int64](got), ref.Data())
	case *tensor.Tensor[tensor.I4]:
		signed(c, tensor.Data[tensor.I4](got), ref.Data())
	case *tensor.Tensor[tensor.I2]:
		signed(c, tensor.Data[tensor.I2](got), ref.Data())
	case *tensor.Tensor[uint8]:
		unsigned(c, tensor.Data[uint8](got), ref.Data())
	case *tensor.Tensor[uint16]:
		unsigned(c, tensor.Data[uint16](got), ref.Data())
	case *tensor.Tensor[uint32]:
		unsigned(c, tensor.Data[uint32](got), ref.Data())
	case *tensor.Tensor[uint64]:
		unsigned(c, tensor.Data[uint64](got), ref.Data())
	case *tensor.Tensor[tensor.U4]:
		unsigned(c, tensor.Data[tensor.U4](got), ref.Data())
	case *tensor.Tensor[tensor.U2]:
		unsigned(c, tensor.Data[tensor.U2](got), ref.Data())
	default:
		c.d.Reason = "elements of type " + ref.DType().String() + " cannot be compared"
	}
}

func reals[T any](c *comparison, got, ref []T, value func(T) float64, key func(T) int64, bits int) {
	for i, b := range ref {
		c.real(i, value(got[i]), value(b), apart(key(got[i]), key(b)), bits)
	}
}

// small compares floats that Go lacks; their bits above the given ones are the sign.
func small[T interface {
	~uint8 | ~uint16
	Float32() float32
}](c *comparison, got, ref []T, bits int) {
	sign := int64(1) << bits
	key := func(x T) int64 {
		if k := int64(x); k&sign != 0 {
			return -(k &^ sign)
		}
		return int64(x)
	}
	reals(c, got, ref, func(x T) float64 { return float64(x.Float32()) }, key, 32)
}

// whole adds an exact comparison of two integers whose difference is gap.
func (c *comparison) whole(i int, a, b, gap float64, text func() (string, string)) {
	c.ab, c.aa, c.bb = c.ab+a*b, c.aa+a*a, c.bb+b*b
	rel := 0.0
	if b != 0 {
		rel = gap / math.Abs(b)
	}
	c.figures(gap, rel, gap)
	if gap != 0 {
		got, want := text()
		c.outside(i, got, want)
	}
}

func signed[T interface {
	~int8 | ~int16 | ~int32 | ~int64
}](c *comparison, got, ref []T) {
	for i, b := range ref {
		a := got[i]
		gap := uint64(int64(a)) - uint64(int64(b))
		if a < b {
			gap = -gap
		}
		c.whole(i, float64(a), float64(b), float64(gap), func() (string, string) {
			return strconv.FormatInt(int64(a), 10), strconv.FormatInt(int64(b), 10)
		})
	}
}

func unsigned[T interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64
}](c *comparison, got, ref []T) {
	for i, b := range ref {
		a := got[i]
		c.whole(i, float64(a), float64(b), float64(max(a, b)-min(a, b)), func() (string, string) {
			return strconv.FormatUint(uint64(a), 10), strconv.FormatUint(uint64(b), 10)
		})
	}
}

// key32 maps floats to integers so that neighbours are 1 apart and both zeros are 0.
func key32(x float32) int64 {
	b := int64(math.Float32bits(x))
	if b >= 1<<31 {
		return -(b - 1<<31)
	}
	return b
}

func key64(x float64) int64 {
	b := math.Float64bits(x)
	if b >= 1<<63 {
		return -int64(b - 1<<63)
	}
	return int64(b)
}

// apart returns |a-b|, which an int64 may be too small for.
func apart(a, b int64) uint64 {
	if a < b {
		a, b = b, a
	}
	return uint64(a) - uint64(b)
}
