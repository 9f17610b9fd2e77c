package onnxio

import (
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// external returns the bytes of a tensor whose elements are in another file.
func (m *Tensor) external(d tensor.DType, n int) ([]byte, error) {
	return nil, fmt.Errorf("%w: tensor %q: external data", ErrUnsupported, m.Name)
}
