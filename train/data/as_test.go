package data

import (
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestAs(t *testing.T) {
	for _, c := range []struct {
		name string
		in   tensor.Any
		to   tensor.DType
		want tensor.Any // nil is an error
	}{
		{"same", tensor.Vector("a"), tensor.String, tensor.Vector("a")},
		{"narrower", tensor.Vector(1.5, -2), tensor.Float32, tensor.Vector[float32](1.5, -2)},
		{"int to float", tensor.Vector[int64](3), tensor.Float32, tensor.Vector[float32](3)},
		{"whole float to int", tensor.Vector[float32](3, -4), tensor.Int64, tensor.Vector[int64](3, -4)},
		{"fraction to int", tensor.Vector(3.5), tensor.Int64, nil},
		{"out of range", tensor.Vector(256.), tensor.Uint8, nil},
		{"text to float", tensor.Vector("1"), tensor.Float32, nil},
	} {
		got, err := As(c.in, c.to)
		if (err != nil) != (c.want == nil) {
			t.Errorf("%s: error %v", c.name, err)
		}
		if err == nil && (got.DType() != c.want.DType() || string(tensor.Bytes(got)) != string(tensor.Bytes(c.want))) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
