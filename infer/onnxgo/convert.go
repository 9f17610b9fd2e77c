package onnxgo

import (
	"fmt"

	gorgonia "gorgonia.org/tensor"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// fromGorgonia returns a gorgonia tensor as one of ours, over the same memory where it lies row by row.
func fromGorgonia(t gorgonia.Tensor) (tensor.Any, error) {
	if t == nil {
		return nil, fmt.Errorf("%w: it has no value", infer.ErrMalformed)
	}
	dense, ok := t.(*gorgonia.Dense)
	if !ok {
		return nil, fmt.Errorf("%w: a tensor of type %T", infer.ErrUnsupported, t)
	}
	if dense.DataOrder().IsColMajor() {
		return nil, fmt.Errorf("%w: a tensor in column-major order", infer.ErrUnsupported)
	}
	if dense.RequiresIterator() { // a view
		m, ok := dense.Materialize().(*gorgonia.Dense)
		if !ok {
			return nil, fmt.Errorf("%w: a view that does not materialize", infer.ErrUnsupported)
		}
		dense = m
	}
	shape := append(tensor.Shape{}, dense.Shape()...)
	switch v := dense.Data().(type) {
	case []float32:
		return tensor.New(v, shape...)
	case []float64:
		return tensor.New(v, shape...)
	case []int8:
		return tensor.New(v, shape...)
	case []int16:
		return tensor.New(v, shape...)
	case []int32:
		return tensor.New(v, shape...)
	case []int64:
		return tensor.New(v, shape...)
	case []uint8:
		return tensor.New(v, shape...)
	case []uint16:
		return tensor.New(v, shape...)
	case []uint32:
		return tensor.New(v, shape...)
	case []uint64:
		return tensor.New(v, shape...)
	case []bool:
		return tensor.New(v, shape...)
	case []string:
		return tensor.New(v, shape...)
	case []complex64:
		return tensor.New(v, shape...)
	case []complex128:
		return tensor.New(v, shape...)
	default:
		return fromScalar(v)
	}
}

// fromScalar is for gorgonia's tensors without dimensions, whose data is the element itself.
func fromScalar(v any) (tensor.Any, error) {
	switch v := v.(type) {
	case float32:
		return tensor.Scalar(v), nil
	case float64:
		return tensor.Scalar(v), nil
	case int8:
		return tensor.Scalar(v), nil
	case int16:
		return tensor.Scalar(v), nil
	case int32:
		return tensor.Scalar(v), nil
	case int64:
		return tensor.Scalar(v), nil
	case uint8:
		return tensor.Scalar(v), nil
	case uint16:
		return tensor.Scalar(v), nil
	case uint32:
		return tensor.Scalar(v), nil
	case uint64:
		return tensor.Scalar(v), nil
	case bool:
		return tensor.Scalar(v), nil
	case string:
		return tensor.Scalar(v), nil
	case complex64:
		return tensor.Scalar(v), nil
	case complex128:
		return tensor.Scalar(v), nil
	}
	return nil, fmt.Errorf("%w: elements of type %T", infer.ErrUnsupported, v)
}

// toGorgonia returns one of our tensors as a gorgonia tensor over the same memory.
func toGorgonia(t tensor.Any) (gorgonia.Tensor, error) {
	if t.Len() == 0 {
		return nil, fmt.Errorf("%w: gorgonia has no tensors without elements, and this is %v%v", infer.ErrUnsupported, t.DType(), t.Shape())
	}
	switch t := t.(type) {
	case *tensor.Tensor[float32]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[float64]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[int8]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[int16]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[int32]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[int64]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[uint8]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[uint16]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[uint32]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[uint64]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[bool]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[string]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[complex64]:
		return dense(t.Data(), t.Shape())
	case *tensor.Tensor[complex128]:
		return dense(t.Data(), t.Shape())
	}
	return nil, fmt.Errorf("%w: gorgonia has no elements of type %v", infer.ErrUnsupported, t.DType())
}

func dense[T any](data []T, shape tensor.Shape) (gorgonia.Tensor, error) {
	if len(shape) == 0 {
		return gorgonia.New(gorgonia.FromScalar(data[0])), nil
	}
	return gorgonia.New(gorgonia.WithShape(shape...), gorgonia.WithBacking(data)), nil
}
