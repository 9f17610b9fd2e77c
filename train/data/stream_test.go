package data

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// put writes a file into the folder and returns its path.
func put(t testing.TB, dir, name string, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	w := io.Writer(&b)
	if strings.HasSuffix(name, ".gz") {
		w = gzip.NewWriter(&b)
	}
	if err := write(w); err != nil {
		t.Fatal(err)
	}
	if z, ok := w.(*gzip.Writer); ok {
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// arrayFiles writes the examples of numbered as NPY files, which end in suffix, or as an NPZ.
func arrayFiles(t testing.TB, n int, suffix string) ArrayFiles {
	t.Helper()
	d, dir := numbered(t, n), t.TempDir()
	all := map[string]tensor.Any{"x": d.inputs["x"], "s": d.inputs["s"], "y": d.target, "w": d.weight}
	file := func(name string) ArrayFile {
		return ArrayFile{Path: put(t, dir, name+suffix, func(w io.Writer) error { return WriteNPY(w, all[name]) })}
	}
	if strings.HasSuffix(suffix, ".npz") {
		path := put(t, dir, suffix, func(w io.Writer) error {
			if suffix == "stored.npz" {
				return storedNPZ(w, all)
			}
			return WriteNPZ(w, all)
		})
		file = func(name string) ArrayFile { return ArrayFile{path, name} }
	}
	return ArrayFiles{Inputs: map[string]ArrayFile{"x": file("x"), "s": file("s")}, Target: file("y"), Weight: file("w")}
}

// storedNPZ writes arrays as NumPy's savez does, without compressing them.
func storedNPZ(w io.Writer, arrays map[string]tensor.Any) error {
	z := zip.NewWriter(w)
	for _, name := range sortedKeys(arrays) {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := WriteNPY(f, arrays[name]); err != nil {
			return err
		}
	}
	return z.Close()
}

func TestArrayFiles(t *testing.T) {
	const n = 1003
	order := Permutation(n, 5, 1)
	for _, suffix := range []string{".npy", ".npy.gz", "stored.npz", "packed.npz"} {
		t.Run(suffix, func(t *testing.T) {
			f := arrayFiles(t, n, suffix)
			f.Stream = StreamOptions{Size: 64, Seed: 5}
			src, err := f.Source()
			if err != nil {
				t.Fatal(err)
			}
			got := epoch(t, src, 1)
			if len(got) != 16 || len(got[15]) != n%64 || !slices.IsSorted(slices.Concat(got...)) || src.Len() != n {
				t.Errorf("in order: %d batches, Len %d", len(got), src.Len())
			}
			f.Stream.Window, f.Stream.DropLast = 100, true
			if src, err = f.Source(); err != nil {
				t.Fatal(err)
			}
			got = epoch(t, src, 1)
			if all := slices.Concat(got...); len(got) != 15 || src.Len() != 15*64 || slices.IsSorted(all) || slices.Max(all) > n {
				t.Errorf("in a window: %d batches, Len %d", len(got), src.Len())
			}
			f.Stream.Window, f.Shuffle = 0, true
			src, err = f.Source()
			if suffix == ".npy.gz" || suffix == "packed.npz" {
				if err == nil || !strings.Contains(err.Error(), "shuffle in a window") {
					t.Errorf("shuffling what is compressed: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Concat(epoch(t, src, 1)...); !slices.Equal(got, order[:15*64]) || src.Len() != 15*64 {
				t.Error("shuffled: not the order of a dataset in memory")
			}
		})
	}
}

// MNIST's files: images and labels in IDX, scaled as they come.
func TestArrayFilesIDX(t *testing.T) {
	const n = 5000
	images, labels := tensor.Zeros[uint8](n, 4, 4), tensor.Zeros[uint8](n)
	for i := range n {
		images.Data()[16*i], labels.Data()[i] = uint8(i), uint8(i%10)
	}
	dir := t.TempDir()
	f := ArrayFiles{
		Inputs: map[string]ArrayFile{"x": {Path: put(t, dir, "images.gz", func(w io.Writer) error { return WriteIDX(w, images) })}},
		Target: ArrayFile{Path: put(t, dir, "labels", func(w io.Writer) error { return WriteIDX(w, labels) })},
		Convert: func(d *Dataset) (*Dataset, error) {
			x, err := As(d.Inputs()["x"], tensor.Float32)
			if err != nil {
				return nil, err
			}
			for i, v := range tensor.Data[float32](x) {
				tensor.Data[float32](x)[i] = v / 255
			}
			return New(map[string]tensor.Any{"x": x}, d.Target(), nil)
		},
		Stream: StreamOptions{Size: 128},
	}
	src, err := f.Source()
	if err != nil {
		t.Fatal(err)
	}
	it, err := src.Epoch(0)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for i := 0; ; {
		b, err := it.Next()
		if errors.Is(err, io.EOF) {
			if i != n {
				t.Errorf("%d examples", i)
			}
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for k := range b.N {
			x, y := tensor.Data[float32](b.Inputs["x"])[16*k], tensor.Data[uint8](b.Target)[k]
			if x != float32(uint8(i))/255 || int(y) != i%10 {
				t.Fatalf("example %d: %v %d", i, x, y)
			}
			i++
		}
	}
}

func TestArrayFilesErrors(t *testing.T) {
	dir := t.TempDir()
	x := tensor.Zeros[float32](10, 2)
	npyFile := func(name string, a tensor.Any) ArrayFile {
		return ArrayFile{Path: put(t, dir, name, func(w io.Writer) error { return WriteNPY(w, a) })}
	}
	raw := func(name, text string) ArrayFile {
		return ArrayFile{Path: put(t, dir, name, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })}
	}
	good := npyFile("x.npy", x)
	npz := ArrayFile{Path: put(t, dir, "a.npz", func(w io.Writer) error {
		return WriteNPZ(w, map[string]tensor.Any{"a": x, "b": x})
	})}
	var whole bytes.Buffer
	if err := WriteNPY(&whole, x); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file ArrayFile
		want string
	}{
		{"missing", ArrayFile{Path: filepath.Join(dir, "none.npy")}, "no such file"},
		{"folder", ArrayFile{Path: dir}, "no file"},
		{"empty", raw("empty", ""), "the file ends in the header"},
		{"text", raw("text", "a,b\n1,2\n"), "NPY"},
		{"scalar", npyFile("scalar.npy", tensor.Scalar[float32](1)), "its first dimension must count the examples"},
		{"empty rows", npyFile("rows.npy", tensor.Zeros[float32](10, 0)), "rows of shape [0] are empty"},
		{"no rows", npyFile("no.npy", tensor.Zeros[float32](0, 2)), "there are no examples"},
		{"cut", raw("cut", whole.String()[:whole.Len()-1]), "79 bytes for 10 rows of 8 bytes each"},
		{"more", raw("more", whole.String()+"x"), "81 bytes for 10 rows"},
		{"cut in gzip", raw("cut.gz", whole.String()[:whole.Len()-1]), "row 0: malformed data: the data ends after 79 of 80 bytes"},
		{"more in gzip", raw("more.gz", whole.String()+"x"), "more data follows"},
		{"columns first", raw("f", string(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", strings.Repeat("\x00", 24)))), "numpy.ascontiguousarray"},
		{"huge row", raw("huge", string(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1099511627776), }", ""))), "over the limit"},
		{"huge promise in gzip", raw("promise.gz", string(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1000000000), }", ""))), "the data ends after 0 of"},
		{"which", npz, `the arrays are ["a" "b"]: name one of them`},
		{"no such", ArrayFile{npz.Path, "c"}, `the arrays are ["a" "b"]`},
		{"name without npz", ArrayFile{good.Path, "a"}, "not an NPZ file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, err := ArrayFiles{Inputs: map[string]ArrayFile{"x": c.file}}.Source()
			if err == nil {
				var it Iterator
				it, err = src.Epoch(0)
				for err == nil {
					_, err = it.Next()
				}
				it.Close()
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.file.Path) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	in := map[string]ArrayFile{"x": good}
	for want, f := range map[string]ArrayFiles{
		"needs an input":                  {},
		"x.npy has 10 rows":               {Inputs: in, Target: npyFile("y.npy", tensor.Zeros[float32](9, 1))},
		"no whole batch of 11 in":         {Inputs: in, Stream: StreamOptions{Size: 11, DropLast: true}},
		"not both":                        {Inputs: in, Shuffle: true, Stream: StreamOptions{Window: 3}},
		"a batch of -1":                   {Inputs: in, Stream: StreamOptions{Size: -1}},
		"a window of -1":                  {Inputs: in, Stream: StreamOptions{Window: -1}},
		"sample weights must be f32[10]":  {Inputs: in, Weight: good},
		"Convert made 3 examples of 10":   {Inputs: in, Convert: func(d *Dataset) (*Dataset, error) { return d.Slice(0, 3) }},
		"cannot convert this":             {Inputs: in, Convert: func(*Dataset) (*Dataset, error) { return nil, errors.New("cannot convert this") }},
		"over the limit: shape [2] takes": {Inputs: in, MaxBytes: 7},
	} {
		src, err := f.Source()
		if err == nil {
			var it Iterator
			if it, err = src.Epoch(0); err == nil {
				_, err = it.Next()
				it.Close()
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	src, err := ArrayFiles{Inputs: in}.Source()
	if err != nil {
		t.Fatal(err)
	}
	npyFile("x.npy", tensor.Zeros[float32](9, 2))
	if _, err := src.Epoch(0); err == nil || !strings.Contains(err.Error(), "9 rows, and there were 10") {
		t.Errorf("a file that changed: %v", err)
	}
	if _, err := src.Epoch(-1); err == nil {
		t.Error("epoch -1 is no error")
	}
}

// broken gives good batches of a source and then an error.
type broken struct {
	Source
	good int
	err  error
}

func (s broken) Epoch(n int) (Iterator, error) {
	it, err := s.Source.Epoch(n)
	return &brokenIterator{it, s.good, s.err}, err
}

type brokenIterator struct {
	Iterator
	good int
	err  error
}

func (it *brokenIterator) Next() (*Batch, error) {
	if it.good--; it.good < 0 {
		return nil, it.err
	}
	return it.Iterator.Next()
}

func TestPrefetch(t *testing.T) {
	before := runtime.NumGoroutine()
	memory, err := numbered(t, 1003).Batches(BatchOptions{Size: 64, Shuffle: true, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, ahead := range []int{1, 2, 7, 100} {
		src, err := Prefetch(memory, ahead)
		if err != nil {
			t.Fatal(err)
		}
		for e := range 2 {
			if got, want := fmt.Sprint(epoch(t, src, e)), fmt.Sprint(epoch(t, memory, e)); got != want {
				t.Errorf("%d ahead: other batches", ahead)
			}
		}
		// Closed before the end, and before the first.
		for read := range 3 {
			it, err := src.Epoch(0)
			if err != nil {
				t.Fatal(err)
			}
			for range read {
				if _, err := it.Next(); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(it.Close(), it.Close()); err != nil {
				t.Error(err)
			}
			if _, err := it.Next(); !errors.Is(err, io.EOF) {
				t.Errorf("after Close: %v", err)
			}
		}
		// An error comes after the batches before it, and stays.
		fault := errors.New("the disk is gone")
		src, err = Prefetch(broken{memory, 3, fault}, ahead)
		if err != nil {
			t.Fatal(err)
		}
		it, err := src.Epoch(0)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			if _, err := it.Next(); (i < 3) != (err == nil) || i >= 3 && !errors.Is(err, fault) {
				t.Errorf("batch %d: %v", i, err)
			}
		}
		it.Close()
	}
	for _, ahead := range []int{0, -1, 1 << 20} {
		if _, err := Prefetch(memory, ahead); err == nil {
			t.Errorf("%d ahead is no error", ahead)
		}
	}
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 100 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// A batch must stay as it is while the next ones are read ahead.
func TestPrefetchKeepsBatch(t *testing.T) {
	memory, err := numbered(t, 64).Batches(BatchOptions{Size: 4, Shuffle: true})
	if err != nil {
		t.Fatal(err)
	}
	src, err := Prefetch(memory, 1)
	if err != nil {
		t.Fatal(err)
	}
	it, err := src.Epoch(0)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for i, order := 0, Permutation(64, 0, 0); ; i += 4 {
		b, err := it.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond) // the goroutine is done reading ahead
		if got := ids(t, b.Inputs, b.Target, b.Weight); !slices.Equal(got, order[i:i+4]) {
			t.Fatalf("batch at %d became %v", i, got)
		}
	}
}

func TestStream(t *testing.T) {
	memory, err := numbered(t, 100).Batches(BatchOptions{Size: 7})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		opts    StreamOptions
		batches int
		len     int
	}{{StreamOptions{Size: 30}, 4, 100}, {StreamOptions{Size: 30, DropLast: true}, 3, 90}, {StreamOptions{Size: 1 << 30, Window: 1 << 30}, 1, 100}} {
		src, err := Stream(memory, c.opts)
		if err != nil {
			t.Fatal(err)
		}
		if got := epoch(t, src, 0); len(got) != c.batches || src.Len() != c.len || c.opts.Window == 0 && !slices.IsSorted(slices.Concat(got...)) {
			t.Errorf("%+v: %d batches, Len %d", c.opts, len(got), src.Len())
		}
	}
	src, err := Stream(memory, StreamOptions{Size: 101, DropLast: true})
	if err != nil {
		t.Fatal(err)
	}
	it, err := src.Epoch(0)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	if _, err := it.Next(); err == nil || err.Error() != "data: no whole batch of 101 in 100 examples" {
		t.Errorf("a batch larger than the data: %v", err)
	}
}

// FuzzArrayRows holds reading rows, in order and at any place, against reading the whole array.
func FuzzArrayRows(f *testing.F) {
	x := tensor.Must([]float32{0, 1, 2, 3, 4, 5}, 3, 2)
	for _, write := range []func(io.Writer) error{
		func(w io.Writer) error { return WriteNPY(w, x) },
		func(w io.Writer) error { return WriteNPY(w, tensor.Vector("a", "bc")) },
		func(w io.Writer) error { return WriteIDX(w, x) },
		func(w io.Writer) error { return storedNPZ(w, map[string]tensor.Any{"x": x}) },
		func(w io.Writer) error { return WriteNPZ(w, map[string]tensor.Any{"x": x}) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		const limit = 1 << 20
		a := &arrayRows{}
		if err := a.start(io.NewSectionReader(bytes.NewReader(file), 0, int64(len(file))), limit); err != nil {
			return
		}
		var rows []tensor.Any
		for {
			r, err := a.next(2)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return
			}
			rows = append(rows, tensor.CloneAny(r))
		}
		n := 0
		for _, r := range rows {
			for i := range r.Shape()[0] {
				if a.at != nil {
					one, err := a.pick([]int{n})
					if err != nil {
						t.Fatal(err)
					}
					if fmt.Sprint(values(one)) != fmt.Sprint(values(span(r, i, i+1))) {
						t.Fatalf("row %d differs", n)
					}
				}
				n++
			}
		}
		if n != a.shape[0] {
			t.Fatalf("%d rows of %v", n, a.shape)
		}
	})
}
