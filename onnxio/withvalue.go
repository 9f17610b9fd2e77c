package onnxio

import "github.com/onnxtool/onnxtool/onnxio/tensor"

// WithValue returns a copy of the tensor with the elements of v, and with its type and shape. Name, words
// and remarks stay, and so does the form of float32 and float64 elements: a list stays a list, unless the
// elements were in another file. The copy shares v's memory where that form allows.
func (m *Tensor) WithValue(v tensor.Any) *Tensor {
	n := FromTensor(m.Name, v)
	return m.with(func(c *Tensor) {
		c.DataType, c.Dims = n.DataType, n.Dims
		switch {
		case len(m.FloatData) > 0 && v.DType() == tensor.Float32:
			c.FloatData = tensor.Data[float32](v)
		case len(m.DoubleData) > 0 && v.DType() == tensor.Float64:
			c.DoubleData = tensor.Data[float64](v)
		default:
			c.RawData, c.StringData = n.RawData, n.StringData
		}
	})
}
