package hdf5

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"testing"
)

// TestWrite reads what Write writes. ONNXTOOL_HDF5_DUMP=FILE leaves it there, for h5py.
func TestWrite(t *testing.T) {
	root := &Tree{}
	for i := range 300 {
		root.Sub("layers").Sub("dense_"+strconv.Itoa(i)).Sub("vars").Put("0", Array{[]int{2, 3}, []float32{1, 2, 3, 4, 5, float32(i)}})
	}
	root.Sub("empty")
	root.Put("scalar", Array{nil, []float32{7}})
	root.Put("none", Array{[]int{0, 4}, nil})
	root.Put("many", Array{[]int{70000}, slices.Repeat([]float32{-1.5}, 70000)})
	var b bytes.Buffer
	if err := Write(&b, root); err != nil {
		t.Fatal(err)
	}
	if p := os.Getenv("ONNXTOOL_HDF5_DUMP"); p != "" {
		if err := os.WriteFile(p, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Open(bytes.NewReader(b.Bytes()), int64(b.Len()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]float32{
		"layers/dense_299/vars/0": {1, 2, 3, 4, 5, 299}, "layers/dense_7/vars/0": {1, 2, 3, 4, 5, 7},
		"scalar": {7}, "none": {}, "many": slices.Repeat([]float32{-1.5}, 70000),
	} {
		d, err := f.Root().Dataset(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.ReadFloat32()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %.5v, %v, want %.5v", path, got, err, want)
		}
	}
	if names := f.Root().Names(); !slices.Equal(names, []string{"empty", "layers", "many", "none", "scalar"}) {
		t.Errorf("the root has %v", names)
	}
}
