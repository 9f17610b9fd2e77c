package onnxio_test

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/cases"
	"github.com/onnxtool/onnxtool/onnxio"
)

// FuzzText reads texts, and what was printed of them.
func FuzzText(f *testing.F) {
	f.Add("<ir_version: 8, opset_import: [\"\" : 18]>\ng (float[n] x) => (y) <float[1] w = {1}> { y = Add <a: ints = [1, 2]> (x, w) }")
	f.Add("<ir_version: 8>\ng () => () { = If <t: graph = b () => () {}, p = int4[2] {1, -1}> () }\n<domain: \"d\">\nf <a> (x) => (y) { y = Relu (x) }")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := onnxio.ParseText(text)
		if err != nil {
			return
		}
		printed := onnxio.Text(m)
		again, err := onnxio.ParseText(printed)
		if err != nil {
			t.Fatalf("cannot read what was printed: %v\n%s", err, printed)
		}
		if twice := onnxio.Text(again); twice != printed {
			t.Fatalf("printing twice differs:\n%s\n%s", printed, twice)
		}
	})
}

// TestTextOfONNX reads what ONNX's own printer wrote: the models must be those that it was given.
func TestTextOfONNX(t *testing.T) {
	f, err := os.Open("../testdata/onnx/text.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Models map[string]string }
	if err := json.NewDecoder(z).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	a, err := cases.Open("../testdata/onnx/node.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	done := 0
	for i := range a.Cases {
		printed, ok := doc.Models[a.Cases[i].Name]
		if !ok {
			continue
		}
		m, err := onnxio.ParseText(printed)
		if err != nil {
			t.Errorf("%s: %v\n%s", a.Cases[i].Name, err, printed)
			continue
		}
		want, err := a.Cases[i].Model()
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []*onnxio.Model{m, want} {
			for _, n := range x.Graph.Node {
				slices.SortFunc(n.Attribute, func(a, b *onnxio.Attribute) int { return strings.Compare(a.Name, b.Name) })
			}
		}
		if got, text := onnxio.Text(m), onnxio.Text(want); got != text {
			t.Errorf("%s:\n%s\nwant\n%s", a.Cases[i].Name, got, text)
		}
		if err := onnxio.Check(m).Err(); err != nil {
			t.Errorf("%s: %v", a.Cases[i].Name, err)
		}
		done++
	}
	if done == 0 {
		t.Error("no model was compared")
	}
}

// TestTextDump writes the text of all models to the folder that ONNXTOOL_TEXT_DUMP names, for
// testdata/gen/text.py to read with ONNX's own parser.
func TestTextDump(t *testing.T) {
	dir := os.Getenv("ONNXTOOL_TEXT_DUMP")
	if dir == "" {
		t.Skip("no ONNXTOOL_TEXT_DUMP")
	}
	a, err := cases.Open("../testdata/onnx/node.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for i := range a.Cases {
		m, err := a.Cases[i].Model()
		if err != nil {
			t.Fatal(err)
		}
		text := onnxio.Text(m)
		if err := os.WriteFile(filepath.Join(dir, a.Cases[i].Name+".txt"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
