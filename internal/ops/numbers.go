package ops

import (
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// intElem returns what reads an element of a numeric type as an integer, floats truncated.
func intElem(d tensor.DType) func(x tensor.Any, at int) int64 {
	switch d {
	case tensor.Int64:
		return func(x tensor.Any, at int) int64 { return tensor.Data[int64](x)[at] }
	case tensor.Int32:
		return func(x tensor.Any, at int) int64 { return int64(tensor.Data[int32](x)[at]) }
	case tensor.Float32:
		return func(x tensor.Any, at int) int64 { return kernel.Trunc64(float64(tensor.Data[float32](x)[at])) }
	}
	read, class := castReaders[d], classOf(d)
	return func(x tensor.Any, at int) int64 {
		b := castBuffers.Get().(*castBuffer)
		defer castBuffers.Put(b)
		read(b, 1, x, at)
		if class == asFloat {
			return kernel.Trunc64(b.f[0])
		}
		return b.i[0]
	}
}

// numberFloat returns the first element of a tensor of any numeric type.
func numberFloat(t tensor.Any) float64 {
	b := castBuffers.Get().(*castBuffer)
	defer castBuffers.Put(b)
	castReaders[t.DType()](b, 1, t, 0)
	switch classOf(t.DType()) {
	case asInt:
		return float64(b.i[0])
	case asUint:
		return float64(uint64(b.i[0]))
	}
	return b.f[0]
}

// numberInt is numberFloat for an integer.
func numberInt(t tensor.Any) int64 { return intElem(t.DType())(t, 0) }
