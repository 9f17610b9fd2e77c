//go:build cgo

package ort

/*
#include "api.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// toNumber returns onnxruntime's number of an element type: ONNX's own, up to float4e2m1. Of the 2-bit
// types the library itself is of two minds: its header says 24 and 25, its tensors take 25 and 26, and some
// functions answer with the one and some with the other. So they are not supported.
func toNumber(d tensor.DType) (C.int, error) {
	if d.Valid() && d <= tensor.Float4E2M1 {
		return C.int(d), nil
	}
	return 0, fmt.Errorf("%w: onnxruntime's interface has no element type %v", infer.ErrUnsupported, d)
}

func fromNumber(n C.int) (tensor.DType, error) {
	if n > 0 && n <= C.int(tensor.Float4E2M1) {
		return tensor.DType(n), nil
	}
	return 0, fmt.Errorf("%w: onnxruntime's element type %d is not known here", infer.ErrUnsupported, int(n))
}

// kinds are the names of what a value can be, by onnxruntime's number.
var kinds = []string{"unknown", "tensor", "sequence", "map", "opaque", "sparse tensor", "optional"}

func kindName(k C.int) string {
	if k >= 0 && int(k) < len(kinds) {
		return kinds[k]
	}
	return fmt.Sprintf("kind %d", int(k))
}

const kindTensor = 1

// pin keeps memory where it is while C holds its address. Memory that is not Go's, such as that of a
// mapped file, stays where it is anyway: Pin panics on it, and that is no harm.
func pin(p *runtime.Pinner, b []byte) {
	defer func() { _ = recover() }()
	p.Pin(unsafe.SliceData(b))
}

func dimsOf(s tensor.Shape) []C.int64_t {
	dims := make([]C.int64_t, len(s), len(s)+1) // never without memory: a scalar has no dimension to point at
	for i, n := range s {
		dims[i] = C.int64_t(n)
	}
	return dims
}

// newValue makes onnxruntime's value of a tensor, over the tensor's memory where it can.
// The value is to be released, and the memory to stay pinned until then.
func newValue(p *runtime.Pinner, t tensor.Any) (unsafe.Pointer, error) {
	number, err := toNumber(t.DType())
	if err != nil {
		return nil, err
	}
	dims := dimsOf(t.Shape())
	var v unsafe.Pointer
	if t.Len() == 0 || t.DType() == tensor.String {
		if err := take(C.otl_alloc(unsafe.SliceData(dims), C.size_t(len(dims)), number, &v)); err != nil {
			return nil, err
		}
		if err := setStrings(v, tensor.Data[string](t)); err != nil {
			C.otl_release(v)
			return nil, err
		}
		return v, nil
	}
	b := tensor.Bytes(t)
	if t.DType().Bits() < 8 {
		b = onnxio.FromTensor("", t).RawData // packed, as onnxruntime has them
	}
	pin(p, b)
	err = take(C.otl_view(unsafe.Pointer(unsafe.SliceData(b)), C.size_t(len(b)), unsafe.SliceData(dims), C.size_t(len(dims)), number, &v))
	return v, err
}

func setStrings(v unsafe.Pointer, list []string) error {
	if len(list) == 0 {
		return nil
	}
	ends := make([]C.size_t, len(list))
	text := []byte{}
	for i, s := range list {
		text = append(text, s...)
		ends[i] = C.size_t(len(text))
	}
	text = append(text, 0) // so there is something to point at
	return take(C.otl_set_strings(v, (*C.char)(unsafe.Pointer(unsafe.SliceData(text))), unsafe.SliceData(ends), C.size_t(len(ends))))
}

// readValue copies onnxruntime's value into a tensor.
func readValue(v unsafe.Pointer) (tensor.Any, error) {
	var kind, number C.int
	var dims [64]C.int64_t
	var rank C.size_t
	if err := take(C.otl_describe(v, &kind, &number, &dims[0], C.size_t(len(dims)), &rank)); err != nil {
		return nil, err
	}
	if kind != kindTensor {
		return nil, fmt.Errorf("%w: it is a %s, not a tensor", infer.ErrUnsupported, kindName(kind))
	}
	if int(rank) > len(dims) {
		return nil, fmt.Errorf("%w: it has %d dimensions", infer.ErrUnsupported, int(rank))
	}
	d, err := fromNumber(number)
	if err != nil {
		return nil, err
	}
	shape := make(tensor.Shape, rank)
	for i := range shape {
		shape[i] = int(dims[i])
	}
	n, ok := shape.Size()
	if !ok {
		return nil, fmt.Errorf("onnxruntime returned the shape %v", shape)
	}
	if n == 0 {
		return tensor.Alloc(d, shape)
	}
	if d == tensor.String {
		return readStrings(v, shape)
	}
	var data unsafe.Pointer
	if err := take(C.otl_data(v, &data)); err != nil {
		return nil, err
	}
	if d.Bits() < 8 {
		raw := unsafe.Slice((*byte)(data), onnxio.RawSize(d, n))
		return unpack(d, shape, raw)
	}
	t, err := tensor.Alloc(d, shape)
	if err == nil {
		copy(tensor.Bytes(t), unsafe.Slice((*byte)(data), n*d.Size()))
	}
	return t, err
}

func readStrings(v unsafe.Pointer, shape tensor.Shape) (tensor.Any, error) {
	var size C.size_t
	if err := take(C.otl_strings_size(v, &size)); err != nil {
		return nil, err
	}
	text := make([]byte, size, size+1)
	starts := make([]C.size_t, shape.Len())
	err := take(C.otl_get_strings(v, (*C.char)(unsafe.Pointer(unsafe.SliceData(text))), size, unsafe.SliceData(starts), C.size_t(len(starts))))
	if err != nil {
		return nil, err
	}
	list := make([]string, len(starts))
	for i, at := range starts {
		end := size
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		list[i] = string(text[at:end])
	}
	return tensor.New(list, shape...)
}

// unpack spreads elements narrower than a byte, as a document's tensor has them, over a byte each.
func unpack(d tensor.DType, shape tensor.Shape, raw []byte) (tensor.Any, error) {
	doc := &onnxio.Tensor{DataType: int32(d), RawData: raw, Dims: make([]int64, len(shape))}
	for i, n := range shape {
		doc.Dims[i] = int64(n)
	}
	return doc.Value()
}
