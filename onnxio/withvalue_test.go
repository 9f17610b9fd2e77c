package onnxio

import (
	"bytes"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestWithValue holds every form of a tensor against itself with the same elements: not a byte differs, but
// for what was in another file.
func TestWithValue(t *testing.T) {
	f, d := tensor.Must([]float32{1, 2, 3, 4}, 2, 2), tensor.Must([]float64{1, 2, 3, 4}, 2, 2)
	half := tensor.Must([]tensor.Half{tensor.ToHalf(1), tensor.ToHalf(2)}, 2)
	list := &Tensor{Name: "w", DataType: int32(tensor.Float32), Dims: []int64{2, 2}, FloatData: []float32{1, 2, 3, 4}}
	doubles := &Tensor{Name: "w", DataType: int32(tensor.Float64), Dims: []int64{2, 2}, DoubleData: []float64{1, 2, 3, 4}}
	remarks := FromTensor("w", f)
	remarks.DocString, remarks.MetadataProps = "words", []*StringStringEntry{{Key: "k", Value: "v"}}
	for _, c := range []struct {
		name string
		m    *Tensor
		v    tensor.Any
	}{
		{"raw", FromTensor("w", f), f}, {"list", list, f}, {"doubles", doubles, d}, {"half", FromTensor("w", half), half}, {"remarks", remarks, f},
	} {
		want, err := EncodeTensor(c.m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := EncodeTensor(c.m.WithValue(c.v))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: % x, want % x", c.name, got, want)
		}
	}
	external := &Tensor{Name: "w", DataType: int32(tensor.Float32), Dims: []int64{2, 2}, DataLocation: DataLocationExternal, ExternalData: []*StringStringEntry{{Key: "location", Value: "w.bin"}}}
	v, err := external.WithValue(f).Value()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(tensor.Data[float32](v), f.Data()) {
		t.Errorf("external: %v", v)
	}
}
