package data

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestStreamMemory streams files that are several times as large as what they may take in memory. ONNXTOOL_BIG=1
// makes them 200 MB.
func TestStreamMemory(t *testing.T) {
	rows, allowed := 24_000, uint64(16<<20)
	if os.Getenv("ONNXTOOL_BIG") != "" {
		rows, allowed = 200_000, 40<<20
	}
	const features = 256 // a kilobyte a row
	dir := t.TempDir()
	write := func(name string, f func(w *bufio.Writer, i int)) string {
		file, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		w := bufio.NewWriter(file)
		for i := -1; i < rows; i++ { // -1 is the header
			f(w, i)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		return file.Name()
	}
	row := tensor.Bytes(tensor.Zeros[float32](features))
	array := write("x.npy", func(w *bufio.Writer, i int) {
		if i < 0 {
			w.Write(npyHead("<f4", tensor.Shape{rows, features}))
			return
		}
		row[0] = byte(i)
		w.Write(row)
	})
	table := write("x.csv", func(w *bufio.Writer, i int) {
		if i < 0 {
			fmt.Fprintln(w, "id,text")
			return
		}
		fmt.Fprintf(w, "%d,%01000d\n", i, i)
	})
	x := map[string]ArrayFile{"x": {Path: array}}
	stream := StreamOptions{Size: 64, Window: 1000}
	sources := map[string]func() (Source, error){
		"npy, window":   func() (Source, error) { return ArrayFiles{Inputs: x, Stream: stream}.Source() },
		"npy, shuffled": func() (Source, error) { return ArrayFiles{Inputs: x, Shuffle: true}.Source() },
		"csv, window": func() (Source, error) {
			return &CSVSource{Path: table, CSV: CSVOptions{Kinds: map[string]Kind{"id": Int, "text": String}}, Size: 64, Window: 1000,
				Convert: func(tab *Table) (*Dataset, error) { return tab.Dataset(Roles{Inputs: []string{"id"}}) }}, nil
		},
	}
	for name, open := range sources {
		t.Run(name, func(t *testing.T) {
			src, err := open()
			if err != nil {
				t.Fatal(err)
			}
			if src, err = Prefetch(src, 4); err != nil {
				t.Fatal(err)
			}
			defer debug.SetGCPercent(debug.SetGCPercent(10)) // what is live, not what is yet to be freed
			if n, peak := walk(t, src); n != rows || peak > allowed {
				t.Errorf("%d of %d examples in %.1f MB, %.1f allowed", n, rows, float64(peak)/(1<<20), float64(allowed)/(1<<20))
			}
		})
	}
}

// walk goes through an epoch and returns the number of examples and the most bytes in use beside what was before.
func walk(t *testing.T, src Source) (n int, peak uint64) {
	t.Helper()
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	it, err := src.Epoch(0)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for i := 0; ; i++ {
		b, err := it.Next()
		if errors.Is(err, io.EOF) {
			return n, peak
		}
		if err != nil {
			t.Fatal(err)
		}
		n += b.N
		if i%16 == 0 {
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc-min(before, m.HeapAlloc))
		}
	}
}
