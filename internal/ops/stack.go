package ops

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// stack collects the values that a subgraph gives in each of its runs, which have the same shape.
type stack struct {
	n     int
	row   tensor.Shape
	bytes []byte
	strs  []string
}

// push appends a value. The bytes of all of them together are bounded; 0 is no bound.
func (s *stack) push(t tensor.Any, maxBytes int) error {
	if s.n == 0 {
		s.row = t.Shape().Clone()
	} else if !s.row.Equal(t.Shape()) {
		return op.Shapef("a scan output is %v in iteration %d and %v before", t.Shape(), s.n, s.row)
	}
	if str, ok := t.(*tensor.Tensor[string]); ok {
		s.strs = append(s.strs, str.Data()...)
	} else {
		s.bytes = append(s.bytes, tensor.Bytes(t)...)
	}
	s.n++
	if size := max(len(s.bytes), len(s.strs)*tensor.String.Size()); maxBytes > 0 && size > maxBytes {
		return fmt.Errorf("%w: a scan output of more than %d bytes after %d iterations", op.ErrLimit, maxBytes, s.n)
	}
	return nil
}

// tensor returns the values stacked along an axis, the last one first where reverse. of is what is known
// of a value: it gives the shape where there is none, with 0 for sizes that are not known.
func (s *stack) tensor(of ir.Fact, axis int, reverse bool) (tensor.Any, error) {
	row := s.row
	if s.n == 0 {
		for _, d := range of.Shape {
			n, _ := d.Int()
			row = append(row, max(0, n))
		}
	}
	axis, err := tensor.Axis(axis, len(row)+1)
	if err != nil {
		return nil, op.Shapef("scan output: %v", err)
	}
	shape := slices.Insert(row.Clone(), axis, s.n)
	out, err := tensor.Alloc(of.DType, shape)
	if err != nil {
		return nil, err
	}
	block := row[axis:].Len()
	if of.DType == tensor.String {
		unstack(tensor.Data[string](out), s.strs, s.n, block, reverse)
	} else {
		unstack(tensor.Bytes(out), s.bytes, s.n, block*of.DType.Size(), reverse)
	}
	return out, nil
}

// unstack moves rows that lie one after the other, n of them, to an axis with blocks of elements behind it.
func unstack[T any](dst, rows []T, n, block int, reverse bool) {
	if len(rows) == 0 {
		return
	}
	row := len(rows) / n
	for i := range n {
		at := i
		if reverse {
			at = n - 1 - i
		}
		for b := 0; b*block < row; b++ {
			copy(dst[(b*n+at)*block:][:block], rows[i*row+b*block:])
		}
	}
}

// slicer gives the slices of a tensor along an axis one by one, in memory that the next one overwrites
// where they do not lie in one piece.
type slicer struct {
	x     tensor.Any
	axis  int
	shape tensor.Shape // of a slice
	buf   tensor.Any
}

func newSlicer(x tensor.Any, axis int) (slicer, error) {
	s := slicer{x: x, axis: axis, shape: slices.Delete(x.Shape().Clone(), axis, axis+1)}
	if x.Shape()[:axis].Len() == 1 && x.DType() != tensor.String {
		return s, nil
	}
	var err error
	s.buf, err = tensor.Alloc(x.DType(), s.shape)
	return s, err
}

func (s *slicer) at(i int) (tensor.Any, error) {
	size := s.x.DType().Size()
	block, n := s.shape[s.axis:].Len(), s.x.Shape()[s.axis]
	if s.buf == nil {
		return tensor.View(s.x.DType(), s.shape, tensor.Bytes(s.x)[i*block*size:])
	}
	if x, ok := s.x.(*tensor.Tensor[string]); ok {
		gatherBlocks(tensor.Data[string](s.buf), x.Data(), i, n, block)
	} else {
		gatherBlocks(tensor.Bytes(s.buf), tensor.Bytes(s.x), i, n, block*size)
	}
	return s.buf, nil
}

// gatherBlocks copies block i of every n.
func gatherBlocks[T any](dst, src []T, i, n, block int) {
	for b := 0; b*block < len(dst); b++ {
		copy(dst[b*block:][:block], src[(b*n+i)*block:])
	}
}
