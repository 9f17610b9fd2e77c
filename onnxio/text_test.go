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

// TestTextRoundTrip prints ONNX's own models, reads and prints them again.
func TestTextRoundTrip(t *testing.T) {
	a, err := cases.Open("../testdata/onnx/node.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	done := 0
	for i := range a.Cases {
		m, err := a.Cases[i].Model()
		if err != nil {
			t.Fatal(err)
		}
		text, err := onnxio.Text(m)
		if err != nil {
			if !strings.Contains(err.Error(), "SPARSE") && !strings.Contains(err.Error(), "sparse") {
				t.Errorf("%s: %v", a.Cases[i].Name, err)
			}
			continue
		}
		again, err := onnxio.ParseText(text)
		if err != nil {
			t.Errorf("%s: %v\n%s", a.Cases[i].Name, err, text)
			continue
		}
		text2, err := onnxio.Text(again)
		if err != nil || text != text2 {
			t.Errorf("%s: %v\n%s\nthen\n%s", a.Cases[i].Name, err, text, text2)
			continue
		}
		if err := onnxio.Check(again).Err(); err != nil {
			t.Errorf("%s: %v", a.Cases[i].Name, err)
		}
		done++
	}
	t.Logf("%d of %d models", done, len(a.Cases))
}

// TestTextForms reads every form of the syntax and prints it.
func TestTextForms(t *testing.T) {
	const text = `<
   ir_version: 10,
   opset_import: ["" : 18, "my.dom" : 1],
   producer_name: "by \"hand\"",
   model_version: 3,
   doc_string: "a\\b",
   metadata_props: ["k": "v"]
>
"a graph" (float[n,3,?] x, bool c, float[] u, seq(float[]) s, map(string, int64) m, optional(float[2]) o, sparse_tensor(float[2]) p) => (float[n] y)
   <float[2] w = {1.5, -2}, int64 k = {3}, string[2] t = {"a", "b\"c"}, bool[2] b = {1, 0}, float16[2] h = {15360, 16384}, complex64[1] z = {1, -2}, double[3] d = {1e-40, inf, nan}, int4[3] i4 = {-8, 7, 0}, uint64[1] u64 = {18446744073709551615}, float[4] e = ["location": "w.bin", "offset": "0"], int32[1] "y 2">
{
   ["n 1"] y, "", "y 2" = my.dom.Foo <a: int = 1, b: float = 2.5, c: string = "s", d: ints = [1, 2], e: floats = [1, 2.5], f: strings = ["a"], g: tensor = float[1,2] t {1, 2}, h: graph = g1 () => (float[] z)
   {
      z = Add (x, x)
   }, i: type_proto = int64[n,?], j: ints = [], l: tensors = [int64[1] {1}], r: float = @alpha> (x, "", w)
    = Bar ()
   q = Baz:over (c)
}
<
  domain: "my.dom",
  opset_import: ["" : 18]
>
Foo <alpha, beta: float = 1> (a, float[2] b) => (c) <int64 mid>
{
   c = Relu (a)
}
`
	m, err := onnxio.ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := onnxio.Text(m)
	if err != nil {
		t.Fatal(err)
	}
	if got != text {
		t.Errorf("printed\n%s\nwant\n%s", got, text)
	}
}

func TestTextErrors(t *testing.T) {
	head := "<ir_version: 8, opset_import: [\"\" : 18]>\n"
	for _, c := range []struct{ text, want string }{
		{"", "line 1, column 1"},
		{"<ir_version: 8", "expected '>'"},
		{"<ir_vision: 8>", "no property ir_vision"},
		{head + "g (flot[2] x) => (float y) { y = Add(x, x) }", "line 2"},
		{head + "g (float[2 x) => (float y) {}", "expected ']'"},
		{head + "g () => () <float[2] w = {1}> {}", "1 elements, its shape needs 2"},
		{head + "g () => () <float[n] w = {1}> {}", "no number"},
		{head + "g () => () <uint8[1] w = {300}> {}", "outside"},
		{head + "g () => () { y = Add <a = []> (x) }", "needs a type"},
		{head + "g () => () { y = Add <a = [1, \"b\"]> (x) }", "different types"},
		{head + "g () => () { y = Add <a: intt = 1> (x) }", "no type of attribute"},
		{head + "g () => () { y = Add (x }", "expected ')'"},
		{head + "g () => () { y = \"Add (x) }", "no end"},
		{head + strings.Repeat("g () => () { y = If <a: graph = ", 200), "nested too deeply"},
	} {
		_, err := onnxio.ParseText(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: error %v, want one with %q", c.text, err, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("<ir_version: 8, opset_import: [\"\" : 18]>\ng (float[n] x) => (y) <float[1] w = {1}> { y = Add <a: ints = [1, 2]> (x, w) }")
	f.Add("<ir_version: 8>\ng () => () { = If <t: graph = b () => () {}, p = int4[2] {1, -1}> () }\n<domain: \"d\">\nf <a> (x) => (y) { y = Relu (x) }")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := onnxio.ParseText(text)
		if err != nil {
			return
		}
		printed, err := onnxio.Text(m)
		if err != nil {
			return
		}
		again, err := onnxio.ParseText(printed)
		if err != nil {
			t.Fatalf("cannot read what was printed: %v\n%s", err, printed)
		}
		if twice, err := onnxio.Text(again); err != nil || twice != printed {
			t.Fatalf("printing twice differs: %v\n%s\n%s", err, printed, twice)
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
		got, err := onnxio.Text(m)
		if err != nil {
			t.Error(err)
		}
		if text, err := onnxio.Text(want); err != nil || got != text {
			t.Errorf("%s: %v\n%s\nwant\n%s", a.Cases[i].Name, err, got, text)
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
		text, err := onnxio.Text(m)
		if err != nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, a.Cases[i].Name+".txt"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
