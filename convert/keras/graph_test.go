package keras_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestGraphs holds the graph of every file against what a person would have written.
func TestGraphs(t *testing.T) {
	eachFile(t, func(t *testing.T, c fileCase, file []byte, _ map[string]tensor.Any) {
		m, err := keras.Read(bytes.NewReader(file), int64(len(file)), keras.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range onnxio.Check(m) {
			t.Errorf("check: %v", f)
		}
		sum := sha256.Sum256(file)
		if got, _ := onnxio.Metadata(m.MetadataProps, "keras.source_sha256"); got != hex.EncodeToString(sum[:]) {
			t.Errorf("source's hash is %q", got)
		}
		if v, _ := onnxio.Metadata(m.MetadataProps, "keras.version"); v == "" {
			t.Error("no version of Keras")
		}
		for _, v := range append(m.Graph.Input, m.Graph.Output...) {
			if !strings.Contains(m.DocString, "\n  "+v.Name+": ") {
				t.Errorf("%s is not in %q", v.Name, m.DocString)
			}
		}
		for _, v := range m.Graph.Input {
			if s := v.Type.TensorType.Shape; len(c.Batches) > 1 && len(s.Dim) > 0 && s.Dim[0].DimParam == nil {
				t.Errorf("input %s: the batch is fixed", v.Name)
			}
		}
		written(t, m.Graph, c.Loops)
	})
}

// TestWarn converts layers that keep their states in Keras, which is said.
func TestWarn(t *testing.T) {
	said := 0
	eachFile(t, func(t *testing.T, c fileCase, file []byte, _ map[string]tensor.Any) {
		if !strings.HasSuffix(c.Name, "stateful") {
			return
		}
		warn := func(text string) {
			if said++; !strings.Contains(text, "stateful=True") {
				t.Errorf("said %q", text)
			}
		}
		if _, err := keras.Read(bytes.NewReader(file), int64(len(file)), keras.Options{Warn: warn}); err != nil {
			t.Fatal(err)
		}
	})
	if said != 4 {
		t.Errorf("%d warnings of 4 layers", said)
	}
}

// written checks names, and that everything is used.
func written(t *testing.T, g *onnxio.Graph, loops bool) {
	t.Helper()
	used := map[string]bool{}
	for _, v := range g.Output {
		used[v.Name] = true
	}
	var walk func(g *onnxio.Graph)
	walk = func(g *onnxio.Graph) {
		for _, n := range g.Node {
			if l, _ := onnxio.Metadata(n.MetadataProps, "layer"); l == "" {
				t.Errorf("node %s has no layer", n.Name)
			}
			for _, v := range n.Input {
				used[v] = true
			}
			for _, a := range n.Attribute {
				if a.G != nil {
					walk(a.G)
				}
			}
		}
	}
	walk(g)
	recurrent := map[string]int{}
	for _, n := range g.Node {
		any := false
		for _, v := range n.Output {
			any = any || used[v]
		}
		if !any {
			t.Errorf("nothing reads node %s (%s)", n.Name, n.OpType)
		}
		switch l, _ := onnxio.Metadata(n.MetadataProps, "layer"); n.OpType {
		case "Loop", "Scan", "If":
			if !loops {
				t.Errorf("node %s is a %s", n.Name, n.OpType)
			}
		case "LSTM", "GRU", "RNN":
			if recurrent[l+" "+n.Input[1]]++; recurrent[l+" "+n.Input[1]] > 1 && !isCell(l) {
				t.Errorf("layer %s has more than one node %s", l, n.OpType)
			}
		}
	}
	seen := map[string]string{}
	for _, w := range g.Initializer {
		if !used[w.Name] {
			t.Errorf("nothing reads initializer %s", w.Name)
		}
		x, err := w.Value()
		if err != nil {
			t.Fatal(err)
		}
		layer, name, ok := strings.Cut(w.Name, "/")
		if !ok || layer == "" || name == "" {
			t.Errorf("initializer %s: no layer in the name", w.Name)
		}
		if x.Len() < 16 || !x.DType().IsFloat() || strings.HasPrefix(name, "const") || constant(tensor.Bytes(x), x.DType().Size()) {
			continue
		}
		if other := seen[string(tensor.Bytes(x))]; other != "" && !isCell(layer) && !isCell(other) {
			t.Errorf("initializers %s and %s hold the same", w.Name, other)
		}
		seen[string(tensor.Bytes(x))] = w.Name
	}
}

// isCell reports whether a layer, or that of an initializer, is a recurrent cell. A model calls it by itself for each
// step, and a layer that has it as its argument has the weights under its own name as well.
func isCell(name string) bool {
	layer, _, _ := strings.Cut(name, "/")
	return strings.HasSuffix(layer, "_cell")
}

// constant reports whether all elements are the same.
func constant(b []byte, size int) bool { return bytes.Equal(b[size:], b[:len(b)-size]) }
