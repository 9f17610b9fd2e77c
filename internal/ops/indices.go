package ops

import (
	"fmt"
	"unsafe"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// scratchInts returns the call's scratch memory as n ints.
func scratchInts(c *op.Call, n int) []int {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*int)(unsafe.Pointer(unsafe.SliceData(c.Scratch))), len(c.Scratch)/int(unsafe.Sizeof(int(0))))[:n]
}

// needInts asks for scratch memory of n ints.
func needInts(n *op.Node, count int) { n.Scratch(count * int(unsafe.Sizeof(int(0)))) }

// readIndices fills dst with the indices in t, which lie along an axis of the given size, negative
// ones counted from its end. One outside the axis is an error.
func readIndices(dst []int, t tensor.Any, axis, size int) error {
	switch t := t.(type) {
	case *tensor.Tensor[int64]:
		return resolveIndices(dst, t.Data(), axis, size)
	case *tensor.Tensor[int32]:
		return resolveIndices(dst, t.Data(), axis, size)
	}
	return fmt.Errorf("%w: indices are %v", op.ErrDType, t.DType())
}

func resolveIndices[T int32 | int64](dst []int, src []T, axis, size int) error {
	src = src[:len(dst)]
	for i, v := range src {
		k := int64(v)
		if k < 0 {
			k += int64(size)
		}
		if uint64(k) >= uint64(size) {
			return indexError(i, int64(v), axis, size)
		}
		dst[i] = int(k)
	}
	return nil
}

func indexError(at int, v int64, axis, size int) error {
	return fmt.Errorf("index %d (element %d of the indices) outside axis %d of size %d", v, at, axis, size)
}
