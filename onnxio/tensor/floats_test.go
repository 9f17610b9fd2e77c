package tensor_test

import (
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestFloats(t *testing.T) {
	for _, c := range []struct {
		in   tensor.Any
		want []float64
	}{
		{tensor.Vector[float32](.5, -1), []float64{.5, -1}},
		{tensor.Vector(.1, 2), []float64{.1, 2}},
		{tensor.Vector[int64](-3, 1<<53), []float64{-3, 1 << 53}},
		{tensor.Vector[int8](-128), []float64{-128}},
		{tensor.Vector[uint64](1 << 63), []float64{1 << 63}},
		{tensor.Vector(true, false), []float64{1, 0}},
		{tensor.Vector(tensor.ToHalf(1.5)), []float64{1.5}},
		{tensor.Vector(tensor.ToBHalf(-2)), []float64{-2}},
	} {
		if got, ok := tensor.Floats[float64](c.in); !ok || !slices.Equal(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.in, got, c.want)
		}
	}
	for _, in := range []tensor.Any{tensor.Vector("1"), tensor.Vector[complex64](1)} {
		if _, ok := tensor.Floats[float32](in); ok {
			t.Errorf("%v: has floats", in)
		}
	}
	own := tensor.Vector[float32](1)
	if got, _ := tensor.Floats[float32](own); &got[0] != &own.Data()[0] {
		t.Error("elements of the type asked for are copied")
	}
}
