//go:build amd64 || arm64

package hdf5

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	peer "github.com/scigolib/hdf5"
)

// TestPeer reads the fixtures with github.com/scigolib/hdf5 too: where it can read a dataset of
// numbers, it must read the same ones. (Files that it writes are no help: HDF5's own library does not
// open them either.)
func TestPeer(t *testing.T) {
	compared, refused := 0, 0
	for _, name := range []string{"earliest_types", "earliest_chunks", "earliest_attrs", "earliest_groups", "v108_types",
		"v108_chunks", "v108_groups", "v110_types", "v110_groups", "userblock", "tiny_old", "tiny_new"} {
		path := filepath.Join(t.TempDir(), name+".h5")
		if err := os.WriteFile(path, unzip(t, name+".h5.gz"), 0o644); err != nil {
			t.Fatal(err)
		}
		same, no := compare(t, openFixture(t, name), path, name)
		compared, refused = compared+same, refused+no
	}
	t.Logf("%d datasets are the same, %d the peer does not read", compared, refused)
	if compared < 50 {
		t.Errorf("only %d datasets were compared", compared)
	}
}

// compare reads the datasets of one file with both packages.
func compare(t *testing.T, f *File, path, name string) (same, refused int) {
	defer func() {
		if r := recover(); r != nil {
			t.Logf("%s: the peer panics: %v", name, r)
		}
	}()
	p, err := peer.Open(path)
	if err != nil {
		t.Logf("%s: the peer: %v", name, err)
		return 0, 1
	}
	defer p.Close()
	p.Walk(func(path string, o peer.Object) {
		d, ok := o.(*peer.Dataset)
		if !ok {
			return
		}
		want, err := d.Read()
		if err != nil {
			refused++
			return
		}
		path = strings.ReplaceAll(path, "//", "/")
		ours, err := f.Root().Dataset(path)
		if err != nil {
			t.Logf("%s: %v", name, err)
			return
		}
		got, err := wide64(ours)
		if err != nil {
			t.Logf("%s: %v", name, err)
			return
		}
		if k := ours.Type().Kind(); k == Uint32 || k == Uint64 || strings.HasSuffix(path, "/holes") {
			return // the peer has unsigned numbers with a sign, and zeros where no chunk is
		}
		if !alike(got, want) {
			t.Errorf("%s%s %v: %.60v, the peer has %.60v", name, path, ours.Type(), fmt.Sprint(got), fmt.Sprint(want))
			return
		}
		same++
	})
	return same, refused
}

// wide64 reads numbers of any kind as float64, which is all that the peer has.
func wide64(d *Dataset) ([]float64, error) {
	var out []float64
	switch d.Type().Kind() {
	case Int64:
		x, err := Read[int64](d)
		for _, v := range x {
			out = append(out, float64(v))
		}
		return out, err
	case Uint64:
		x, err := Read[uint64](d)
		for _, v := range x {
			out = append(out, float64(v))
		}
		return out, err
	}
	return Read[float64](d)
}

func alike(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
			return false
		}
	}
	return true
}
