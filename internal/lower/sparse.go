package lower

import (
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxSparse bounds the elements of a sparse tensor that is made dense.
const maxSparse = 1 << 28

// dense returns a sparse initializer with its zeros.
func dense(s *onnxio.SparseTensor) (tensor.Any, error) {
	if s.Indices == nil {
		return nil, op.Malformedf("a sparse tensor has no indices")
	}
	vals, err := s.Values.Value()
	if err != nil {
		return nil, err
	}
	idx, err := s.Indices.Value()
	if err != nil {
		return nil, err
	}
	shape := make(tensor.Shape, len(s.Dims))
	for i, d := range s.Dims {
		shape[i] = int(d)
	}
	size, ok := shape.Size()
	if !ok || size > maxSparse {
		return nil, op.Malformedf("a sparse tensor of shape %v", shape)
	}
	at, ok := idx.(*tensor.Tensor[int64])
	if !ok || vals.DType() == tensor.String {
		return nil, op.Unsupportedf("a sparse tensor of %v with indices of %v", vals.DType(), idx.DType())
	}
	out, err := tensor.Alloc(vals.DType(), shape)
	if err != nil {
		return nil, err
	}
	linear, err := positions(at, shape, vals.Len())
	if err != nil {
		return nil, err
	}
	width := vals.DType().Size()
	dst, src := tensor.Bytes(out), tensor.Bytes(vals)
	for i, k := range linear {
		copy(dst[k*width:(k+1)*width], src[i*width:])
	}
	return out, nil
}

// positions returns the linear index of each of n values: indices are linear already, [n], or one
// row of coordinates a value, [n, rank].
func positions(idx *tensor.Tensor[int64], shape tensor.Shape, n int) ([]int, error) {
	data, rank := idx.Data(), shape.Rank()
	perRow := 1
	switch s := idx.Shape(); {
	case len(s) == 1 && s[0] == n:
	case len(s) == 2 && s[0] == n && s[1] == rank:
		perRow = rank
	default:
		return nil, op.Malformedf("indices of shape %v for %d values of a tensor of rank %d", idx.Shape(), n, rank)
	}
	out := make([]int, n)
	for i := range out {
		if perRow == 1 && len(idx.Shape()) == 1 {
			out[i] = int(data[i])
		} else {
			for k, c := range data[i*perRow : (i+1)*perRow] {
				if c < 0 || c >= int64(shape[k]) {
					return nil, op.Malformedf("index %d on axis %d of a sparse tensor of shape %v", c, k, shape)
				}
				out[i] = out[i]*shape[k] + int(c)
			}
		}
		if out[i] < 0 || out[i] >= shape.Len() {
			return nil, op.Malformedf("index %d of a sparse tensor of shape %v", out[i], shape)
		}
	}
	return out, nil
}
