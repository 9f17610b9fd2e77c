package hdf5

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// openPath opens a file on disk and closes it when the test ends.
func openPath(t testing.TB, path string) *File {
	t.Helper()
	r, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	st, err := r.Stat()
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(r, st.Size(), Options{})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f
}

// TestKerasFiles reads files that Keras wrote, where they are at hand: the names of layers and
// weights must lead to datasets of floats, and the configuration must be JSON.
func TestKerasFiles(t *testing.T) {
	var files []string
	for _, pattern := range []string{"keras/*.h5", "keras2/*/*.h5"} {
		m, _ := filepath.Glob(filepath.Join("../../../shared", pattern))
		files = append(files, m...)
	}
	if len(files) == 0 {
		t.Skip("no files of Keras in ../shared")
	}
	for _, path := range files {
		f := openPath(t, path)
		g := f.Root()
		if a, ok, err := g.Attr("model_config"); err != nil {
			t.Errorf("%s: %v", path, err)
		} else if ok {
			text, err := a.Text()
			if err != nil || !json.Valid([]byte(text)) {
				t.Errorf("%s: model_config %.40q: %v", path, text, err)
			}
			if g, err = g.Group("model_weights"); err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
		}
		if n := countWeights(t, path, g); n == 0 && !strings.Contains(path, "lambda") {
			t.Errorf("%s: no weights", path)
		}
	}
}

func countWeights(t *testing.T, path string, g *Group) (n int) {
	names := func(g *Group, attr string) []string {
		a, ok, err := g.Attr(attr)
		if !ok || err != nil {
			t.Fatalf("%s: %s: %v %v", path, attr, ok, err)
		}
		s, err := a.Strings()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return s
	}
	for _, layer := range names(g, "layer_names") {
		l, err := g.Group(layer)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		for _, weight := range names(l, "weight_names") {
			d, err := l.Dataset(weight)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			if d.Type().Kind() == Int64 { // counters of metrics and normalisations
				_, err = Read[int64](d)
			} else {
				_, err = d.ReadFloat32()
			}
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
			n++
		}
	}
	return n
}
