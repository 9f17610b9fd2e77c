package hdf5

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The fixtures come from testdata/gen/hdf5.py; h5py says what is in them.

// unzip returns the contents of a compressed file of testdata.
func unzip(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if b, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	return b
}

// openFixture opens testdata/name.h5.gz.
func openFixture(t testing.TB, name string) *File {
	t.Helper()
	b := unzip(t, name+".h5.gz")
	f, err := Open(bytes.NewReader(b), int64(len(b)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// expected is what h5py reads from one object.
type expected struct {
	Path, Object, Link, Target, Error, Says string

	Chunks []int
	Value  *expectedValue
	Attrs  map[string]*expectedValue
}

type expectedValue struct {
	Shape       []int
	Null, Big   bool
	Kind, DType string
	Data        *[]byte
	SHA256      string
	Error, Says string
}

var errorNames = map[string]error{"unsupported": ErrUnsupported, "external": ErrExternal}

func TestFixtures(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json.gz")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d fixtures: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json.gz")
		t.Run(name, func(t *testing.T) {
			var want []expected
			if err := json.Unmarshal(unzip(t, name+".json.gz"), &want); err != nil {
				t.Fatal(err)
			}
			f := openFixture(t, name)
			objects := map[string]Object{}
			failed := map[string]error{}
			if err := f.Root().Walk(func(path string, o Object, err error) error {
				objects[path], failed[path] = o, err
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, w := range want {
				if w.Link == "soft link" {
					checkLink(t, f, w)
					continue
				}
				n++
				if w.Link != "" {
					checkLink(t, f, w)
				}
				if w.Error != "" || w.Link != "" {
					err := failed[w.Path]
					if !errors.Is(err, errorNames[cmp.Or(w.Error, "external")]) || !strings.Contains(err.Error(), w.Says) {
						t.Errorf("%s: error %v, want %s", w.Path, err, w.Says)
					}
					continue
				}
				if o := objects[w.Path]; o == nil {
					t.Errorf("%s: %v", w.Path, failed[w.Path])
				} else {
					checkObject(t, o, w)
				}
			}
			if n != len(objects) {
				t.Errorf("%d objects, want %d", len(objects), n)
			}
		})
	}
}

func checkLink(t *testing.T, f *File, w expected) {
	t.Helper()
	dir, base := filepath.Split(w.Path)
	g, err := f.Root().Group(dir)
	if err != nil {
		t.Error(err)
		return
	}
	for _, l := range g.Links() {
		if l.Name == base {
			if l.Kind.String() != w.Link || l.Target != w.Target {
				t.Errorf("%s: %v to %q, want %s to %q", w.Path, l.Kind, l.Target, w.Link, w.Target)
			}
			return
		}
	}
	t.Errorf("%s: no link", w.Path)
}

func checkObject(t *testing.T, o Object, w expected) {
	t.Helper()
	attrs, err := o.Attrs()
	if err != nil {
		t.Error(err)
	}
	if len(attrs) != len(w.Attrs) {
		t.Errorf("%s: %d attributes, want %d", w.Path, len(attrs), len(w.Attrs))
	}
	for name, v := range w.Attrs {
		a, ok, err := o.Attr(name)
		if !ok || err != nil {
			t.Errorf("%s: attribute %q: %v %v", w.Path, name, ok, err)
			continue
		}
		checkValue(t, fmt.Sprintf("%s@%s", w.Path, name), a, v)
	}
	switch o := o.(type) {
	case *Dataset:
		if w.Object != "dataset" {
			t.Errorf("%s: dataset, want %s", w.Path, w.Object)
			return
		}
		if !slices.Equal(o.Chunks(), w.Chunks) {
			t.Errorf("%s: chunks %v, want %v", w.Path, o.Chunks(), w.Chunks)
		}
		checkValue(t, w.Path, o, w.Value)
	case *Group:
		if w.Object != "group" {
			t.Errorf("%s: group, want %s", w.Path, w.Object)
		}
	case *Committed:
		if w.Object != "datatype" {
			t.Errorf("%s: datatype, want %s", w.Path, w.Object)
		}
	}
}

func checkValue(t *testing.T, where string, v Value, w *expectedValue) {
	t.Helper()
	if w.Error != "" {
		_, err := Read[float64](v)
		if d, ok := v.(*Dataset); ok && w.Says == "filter" {
			_, err = d.Bytes()
		}
		if !errors.Is(err, errorNames[w.Error]) || !strings.Contains(err.Error(), w.Says) {
			t.Errorf("%s: error %v, want %s", where, err, w.Says)
		}
		return
	}
	if !slices.Equal(v.Shape(), w.Shape) {
		t.Errorf("%s: shape %v, want %v", where, v.Shape(), w.Shape)
		return
	}
	if w.Null || w.Kind == "reference" {
		return
	}
	typ := v.Type()
	if typ.BigEndian() != w.Big && typ.Size() > 1 {
		t.Errorf("%s: big-endian %v", where, typ.BigEndian())
	}
	if w.DType != "" && typ.Kind().String() != w.DType {
		t.Errorf("%s: %v, want %s", where, typ.Kind(), w.DType)
	}
	got, err := elements(v, w)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	if w.Data != nil && !bytes.Equal(got, *w.Data) {
		t.Errorf("%s (%v): %q, want %q", where, typ, got, *w.Data)
	}
	if sum := sha256.Sum256(got); w.Data == nil && hex.EncodeToString(sum[:]) != w.SHA256 {
		t.Errorf("%s (%v): wrong elements %.100x", where, typ, got)
	}
}

// elements returns the elements as the expectations have them: strings joined by zero bytes,
// numbers that NumPy has in their own size, others widened.
func elements(v Value, w *expectedValue) ([]byte, error) {
	if w.Kind == "string" {
		s, err := Strings(v)
		return []byte(strings.Join(s, "\x00")), err
	}
	switch k := v.Type().Kind(); {
	case k == BFloat16:
		x, err := Read[float32](v)
		return raw(x), err
	case k == Unsigned:
		x, err := Read[uint16](v)
		return raw(x), err
	case k == Integer:
		x, err := Read[int64](v)
		return raw(x), err
	}
	return Bytes(v)
}

// raw returns numbers as little-endian bytes.
func raw[T number](x []T) []byte {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, x); err != nil {
		panic(err)
	}
	return b.Bytes()
}
