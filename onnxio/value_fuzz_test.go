package onnxio_test

import (
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// FuzzTensor decodes a tensor's message and its elements, and writes both again.
func FuzzTensor(f *testing.F) {
	for _, t := range []tensor.Any{
		tensor.Vector[float32](1, 2), tensor.Vector("a", ""), tensor.Vector(true, false), tensor.Vector[int64](-1),
		tensor.Vector[tensor.I4](-8, 7, 1), tensor.Vector[complex64](1), tensor.Vector[tensor.Half](15360),
	} {
		b, err := onnxio.EncodeTensor(onnxio.FromTensor("t", t))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := onnxio.DecodeTensor(b)
		if err != nil {
			return
		}
		v, err := p.Value()
		if err != nil {
			return
		}
		again, err := onnxio.FromTensor(p.Name, v).Value()
		if err != nil {
			t.Fatal(err)
		}
		if string(tensor.Bytes(again)) != string(tensor.Bytes(v)) || !again.Shape().Equal(v.Shape()) {
			t.Fatalf("%v%v became %v%v", v.DType(), v.Shape(), again.DType(), again.Shape())
		}
	})
}
