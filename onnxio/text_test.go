package onnxio

import (
	"archive/zip"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// textCase is a text with what onnx.parser and onnx.printer make of it (testdata/gen/texts.py).
type textCase struct {
	Name, Text, Printed string
	Model               []byte
}

func textCases(t testing.TB) []textCase {
	t.Helper()
	b, err := os.ReadFile("testdata/texts.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []textCase
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// meaning reads a model with Google's runtime, without zeros that are as good as absent.
func meaning(t *testing.T, b []byte) proto.Message {
	t.Helper()
	m := oracleModel(t)
	if err := proto.Unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
	prune(m)
	return m
}

func prune(m protoreflect.Message) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				prune(v.List().Get(i).Message())
			}
		case f.IsList():
		case f.Message() != nil:
			prune(v.Message())
		case f.ContainingOneof() == nil && v.Equal(f.Default()):
			m.Clear(f)
		}
		return true
	})
}

// TestTextLikeONNX holds the parser and the printer against onnx's own.
func TestTextLikeONNX(t *testing.T) {
	for _, c := range textCases(t) {
		m, err := ParseText(c.Text)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		b, err := Marshal(m)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if got, want := meaning(t, b), meaning(t, c.Model); !proto.Equal(got, want) {
			t.Errorf("%s: another model:\n%v\nonnx:\n%v", c.Name, got, want)
		}
		onnx, err := LoadBytes(c.Model)
		if err != nil {
			t.Fatal(err)
		}
		text := Text(onnx)
		if !equalText(text, c.Printed) {
			t.Errorf("%s: printed\n%s", c.Name, difference(text, tidy.Replace(c.Printed)))
		}
		again, err := ParseText(text)
		if err != nil {
			t.Errorf("%s: its own text: %v", c.Name, err)
		} else if Text(again) != text {
			t.Errorf("%s: another text after a round trip:\n%s\nbefore:\n%s", c.Name, Text(again), text)
		}
	}
}

// TestTextConformance prints ONNX's conformance models as onnx.printer does, and reads them back.
func TestTextConformance(t *testing.T) {
	want := printedByONNX(t)
	same := 0
	for _, file := range []string{"node.zip", "models.zip"} {
		z, err := zip.OpenReader("../testdata/onnx/" + file)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		for _, f := range z.File {
			name, ok := strings.CutSuffix(f.Name, "/model.onnx")
			if !ok {
				continue
			}
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			m, err := LoadBytes(b)
			if err != nil {
				t.Fatal(err)
			}
			text := Text(m)
			if equalText(text, want[name]) {
				same++
			} else if want[name] != "" {
				t.Errorf("%s: printed\n%s", name, difference(text, tidy.Replace(want[name])))
			}
			again, err := ParseText(text)
			if err != nil {
				t.Errorf("%s: %v in\n%s", name, err, text)
				continue
			}
			if got := Text(again); withoutComments(got) != withoutComments(text) {
				t.Errorf("%s: after a round trip\n%s", name, difference(got, text))
			}
		}
	}
	t.Logf("%d texts as onnx prints them, of %d", same, len(want))
}

func printedByONNX(t *testing.T) map[string]string {
	f, err := os.Open("testdata/printed.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]string
	if err := json.NewDecoder(z).Decode(&texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

func withoutComments(s string) string {
	for strings.HasPrefix(s, "#") {
		_, s, _ = strings.Cut(s, "\n")
	}
	return s
}

// equalText compares a text with onnx's, which leaves out what it has no form for.
func equalText(got, want string) bool {
	if strings.Contains(want, "...") || strings.Contains(want, "undefined") {
		return want != ""
	}
	return withoutComments(got) == tidy.Replace(want)
}

// tidy undoes what onnx.printer does to values without a type, to empty lists of strings,
// and to empty keys of the model.
var tidy = strings.NewReplacer("( ", "(", ",  ", ", ", "strings = ]", "strings = []",
	",\n   producer_version: \"\"", "", ",\n   domain: \"\"", "", ",\n   model_version: 0", "", ",\n   doc_string: \"\"", "")

// difference returns the first line in which two texts differ.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[i] + "\nwant:\n" + b[i]
		}
	}
	return "one is longer"
}

// TestTextExtensions reads and writes what onnx's text has no form for, or loses.
func TestTextExtensions(t *testing.T) {
	text := `<
   ir_version: 14,
   opset_import: ["" : 28, "d" : 1],
   metadata_props: ["": "x"]
>
g (float x, "float", string[N,"a b",?] names) => (float y) 
   <int4[3] a = {-8,7,-1}, uint4[2] b = {15,1}, int2[5] c = {-2,1,0,-1,1}, uint2[1] d = {3}, float4e2m1[3] e = {1,15,8}, float6e2m3[2] f = {63,1}, float6e3m2[1] g = {32}, complex64[2] h = {1,2,-3,nan}, complex128 i = {1e+300,-0.5}, sparse_tensor(float[9]) s = {float[2] {1,2}, int64[2] {3,8}}, seq(float) seq>
{
   y = "my-domain"."an op":"over load" <ts: tensors = [float {1}, int64[1] named {2}], ps: type_protos = [float[N], map(string, opaque(a.b,c))], st: sparse_tensor = sparse_tensor(int64[3]) sp {int64[1] {5}, int64[1] {2}}, sts: sparse_tensors = [sparse_tensor(float[2,2]) {float[1] {1}, int64[1,2] {0,1}}], "odd name": int = 1, ext: tensor = float = ["location": "w"], nan: float = -nan> (x, "", inf)
   z = Loop (x) <body: graph = "float" (int64 i) => (o) {
      o = Identity (i)
   }, gs: graphs = [p () => () {
   }, q () => () {
   }]>
}
<
  domain: "d",
  overload: "o",
  opset_import: ["" : 28],
  doc_string: "words"
>
F <alpha,beta: int = 3,gamma: floats = []>(x, y) => (z)
<float x, int64[N] z>
{
   z = Add <k: int = @alpha, l: tensor = @beta> (x, y)
}`
	m, err := ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	got := Text(m)
	// onnx.printer writes two blanks before an initializer's numbers.
	if strings.ReplaceAll(got, "=  {", "= {") != text {
		t.Errorf("got\n%s", difference(strings.ReplaceAll(got, "=  {", "= {"), text))
	}
	b, err := Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	back, err := LoadBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	if Text(back) != got {
		t.Errorf("after a round trip through a file:\n%s", Text(back))
	}
	v, err := m.Graph.Initializer[0].Value()
	if err != nil || !reflect.DeepEqual(tensor.Data[tensor.I4](v), []tensor.I4{-8, 7, -1}) {
		t.Errorf("elements %v, %v", v, err)
	}
}

func TestTextSaysWhatItLoses(t *testing.T) {
	m := &Model{IRVersion: 8, TrainingInfo: []*TrainingInfo{{}}, Graph: &Graph{
		Name: "g", DocString: "words",
		Node:        []*Node{{OpType: "X", DocString: "words"}, {OpType: "Y", DocString: "more"}, nil},
		Initializer: []*Tensor{{Name: "w", DataType: 99}, {Name: "v", DataType: 1, Dims: []int64{3}, RawData: []byte{1}}},
	}}
	got := Text(m)
	for _, want := range []string{
		"documentation of graphs (1)", "documentation of nodes (2)", "training_info (1)", "a node that is nil (1)",
		"element types that do not exist (1)", "tensors that are not valid (2)", "undefined w = ...", "float[3] v = ...",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	loop := &Graph{Name: "g"}
	loop.Node = []*Node{{OpType: "X", Attribute: []*Attribute{NewAttribute("body", loop)}}}
	if got := TextGraph(loop); !strings.Contains(got, "nested too deeply") {
		t.Error("a graph that contains itself was printed")
	}
}

func TestTextMaxElements(t *testing.T) {
	m := &Model{Graph: &Graph{Name: "g", Initializer: []*Tensor{
		FromTensor("w", tensor.Vector[float32](1, 2, 3)), FromTensor("v", tensor.Vector[float32](1)),
	}}}
	if got := (TextOptions{MaxElements: 3}).Text(m); !strings.Contains(got, "w = ...") || !strings.Contains(got, "v =  {1}") {
		t.Error(got)
	}
}

func TestParseTextErrors(t *testing.T) {
	const head = `<ir_version: 8>` + "\n"
	for _, c := range []struct{ text, want string }{
		{"", "line 1, column 1: expected a name, found the end"},
		{"<ir_version: x> g () => () {}", "expected a number"},
		{"<ir: 1> g () => () {}", `unknown key "ir"`},
		{head + "g () = () {}", `line 2, column 7: expected "=>"`},
		{head + "g () => () {", "expected"},
		{head + "g (float x) => () {} }", "expected a name"},
		{head + "g () => () { x = }", "expected a name"},
		{head + `g () => () { x = A <s = "open> () }`, "without end"},
		{head + "g () => () { x = A <i = 99999999999999999999> () }", "no integer of 64 bits"},
		{head + "g () => () { x = A <i: int = 1.5> () }", "expected int"},
		{head + "g () => () { x = A <i: foo = 1> () }", `no attribute has type "foo"`},
		{head + "g () => () { x = A <i = []> () }", "empty list needs a type"},
		{head + `g () => () { x = A <i = [1, "a"]> () }`, "expected int"},
		{head + "g () => () { x = A <i: int = [1]> () }", "a list of values"},
		{head + "g (float[N] x = {1}) => () {}", "no number"},
		{head + "g (float[] x = {1}) => () {}", "needs a shape"},
		{head + "g (float[2] x = {1}) => () {}", "does not fit 1 entries"},
		{head + "g (int8 x = {128}) => () {}", "from -128 to 127"},
		{head + "g (int4[3] x = {1, 2}) => () {}", "2 elements"},
		{head + "g (float16 x = {1.5}) => () {}", "expected an integer"},
		{head + "g (uint32 x = {-1}) => () {}", "from 0 to 4294967295"},
		{head + "g (x = {1}) => () {}", "no type"},
		{head + "g (seq(float) x = {1}) => () {}", "must be a tensor"},
		{head + "g (seq(flat) x) => () {}", "expected an element type"},
		{head + "g () => () {}\x00", "zero byte"},
	} {
		if _, err := ParseText(c.text); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.text, err, c.want)
		}
	}
	deep := strings.Repeat("seq(", 1000)
	if _, err := ParseText(head + "g (" + deep + "float x) => () {}"); !errors.Is(err, ErrLimit) {
		t.Errorf("deep types: %v", err)
	}
	if _, err := ParseText(head + "g () => ()" + strings.Repeat("{ x = A <b = g () => () ", 1000)); !errors.Is(err, ErrLimit) {
		t.Errorf("deep graphs: %v", err)
	}
	if _, err := (LoadOptions{MaxMemory: 1000}).ParseText(head + "g () => () {" + strings.Repeat("=A()", 100)); !errors.Is(err, ErrLimit) {
		t.Errorf("memory: %v", err)
	}
	if _, err := (LoadOptions{MaxBytes: 10}).ParseText(head + "g () => () {}"); !errors.Is(err, ErrLimit) {
		t.Errorf("length: %v", err)
	}
	if g, err := ParseTextGraph("g () => () {} x"); err == nil {
		t.Errorf("got %v", g)
	}
}
