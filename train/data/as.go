package data

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// As returns a tensor's numbers as another type, the tensor itself where the type is that already.
// Integers become floats and floats of other widths; a float becomes an integer where it is a whole
// number in the type's range, and every other number is an error that names it. Floats are rounded.
func As(t tensor.Any, d tensor.DType) (tensor.Any, error) {
	if t.DType() == d {
		return t, nil
	}
	values, err := asFloats(t)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read as %v", describe(t), d)
	}
	out, err := tensor.Alloc(d, t.Shape().Clone())
	if err != nil {
		return nil, err
	}
	bad := -1
	switch o := out.(type) {
	case *tensor.Tensor[float32]:
		for i, v := range values {
			o.Data()[i] = float32(v)
		}
	case *tensor.Tensor[float64]:
		copy(o.Data(), values)
	case *tensor.Tensor[tensor.Half]:
		for i, v := range values {
			o.Data()[i] = tensor.ToHalf(tensor.Odd32(v))
		}
	case *tensor.Tensor[tensor.BHalf]:
		for i, v := range values {
			o.Data()[i] = tensor.ToBHalf(tensor.Odd32(v))
		}
	case *tensor.Tensor[int64]:
		bad = toInts(o.Data(), values, math.MinInt64, math.MaxInt64)
	case *tensor.Tensor[int32]:
		bad = toInts(o.Data(), values, math.MinInt32, math.MaxInt32)
	case *tensor.Tensor[uint8]:
		bad = toInts(o.Data(), values, 0, math.MaxUint8)
	default:
		return nil, fmt.Errorf("%s cannot be read as %v", describe(t), d)
	}
	if bad >= 0 {
		return nil, fmt.Errorf("%w: element %d of %s is %v, which is no %v", ErrMalformed, bad, describe(t), values[bad], d)
	}
	return out, nil
}

// toInts stores whole numbers and returns the place of the first that is none, -1 where all are.
func toInts[T int64 | int32 | uint8](dst []T, values []float64, lo, hi float64) int {
	for i, v := range values {
		if v != math.Trunc(v) || v < lo || v >= hi+1 {
			return i
		}
		dst[i] = T(v)
	}
	return -1
}
