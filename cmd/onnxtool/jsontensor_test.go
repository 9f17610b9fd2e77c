package main

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestTensorFromJSON(t *testing.T) {
	for _, c := range []struct {
		text  string
		dtype tensor.DType
		want  string // written again
		err   string
	}{
		{"1.5", tensor.Float32, "1.5", ""},
		{"[1, 2.5]", tensor.Float64, "[1,2.5]", ""},
		{`["NaN", "Inf", "-Inf", null]`, tensor.Float32, `["NaN","Inf","-Inf","NaN"]`, ""},
		{"[[1],[2]]", tensor.Int64, "[[1],[2]]", ""},
		{"[9007199254740993]", tensor.Int64, "[9007199254740993]", ""},
		{"[[],[]]", tensor.Float32, "[[],[]]", ""},
		{`["a", null]`, tensor.String, `["a",""]`, ""},
		{"[true]", tensor.Bool, "[true]", ""},
		{"[1.5]", tensor.Float16, "[1.5]", ""},
		{"[255]", tensor.Uint8, "[255]", ""},
		{"[256]", tensor.Uint8, "", "element [0]: 256 is not an unsigned integer of 8 bits"},
		{"[1.5]", tensor.Int32, "", "element [0]: 1.5 is not an integer of 32 bits"},
		{`["1"]`, tensor.Int32, "", "element [0]: 1 is not a whole number"},
		{`["x"]`, tensor.Float32, "", `element [0]: "x" is not a number`},
		{"[[1],2]", tensor.Float32, "", "element [1]: the arrays are not nested evenly"},
		{"[1,[2]]", tensor.Float32, "", "element [1]: the arrays are not nested evenly"},
		{"[[1],[2,3]]", tensor.Float32, "", "element [1]: 2 elements, its siblings have 1"},
		{"[[[1,1,1,1,1,1,1,1]" + strings.Repeat(",1", 1000) + "]" + strings.Repeat(",1", 1000) + "]", tensor.Float32, "", "not nested evenly"},
		{"[1] [2]", tensor.Float32, "", "more follows"},
		{"[1", tensor.Float32, "", "unexpected"},
		{"[1]", tensor.Complex64, "", "have no form in JSON"},
		{"[1]", tensor.Undefined, "", "does not say"},
	} {
		got, err := tensorFromJSON(strings.NewReader(c.text), c.dtype)
		if err != nil || c.err != "" {
			if err == nil || c.err == "" || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s as %v: got %v, want %q", c.text, c.dtype, err, c.err)
			}
			continue
		}
		if b, err := json.Marshal(nested(got)); err != nil || string(b) != c.want {
			t.Errorf("%s as %v: got %s, %v", c.text, c.dtype, b, err)
		}
	}
}

// TestEveryTypeIsWritten holds that no type's elements are written as nothing.
func TestEveryTypeIsWritten(t *testing.T) {
	for d := tensor.Float32; d.Valid(); d++ {
		x, err := tensor.Alloc(d, tensor.Shape{1})
		if err != nil {
			t.Fatal(err)
		}
		if elementJSON(x, 0) == nil || elementText(x, 0) == "" && d != tensor.String {
			t.Errorf("%v: %v %q", d, elementJSON(x, 0), elementText(x, 0))
		}
	}
	if got := elementText(tensor.Vector(float32(math.Pi)), 0); got != "3.1415927" {
		t.Errorf("got %s", got)
	}
}

func FuzzTensorFromJSON(f *testing.F) {
	for _, s := range []string{"1", "[1,2]", "[[1],[2]]", `["NaN"]`, "[[],[]]", "[[[[1]]]]", "[null]", "[1e999]"} {
		f.Add([]byte(s), uint8(tensor.Float32))
		f.Add([]byte(s), uint8(tensor.Int8))
		f.Add([]byte(s), uint8(tensor.String))
	}
	f.Fuzz(func(t *testing.T, b []byte, d uint8) {
		x, err := tensorFromJSON(bytes.NewReader(b), tensor.DType(d))
		if err != nil {
			return
		}
		text, err := json.Marshal(nested(x))
		if err != nil {
			t.Fatal(err)
		}
		if x.DType() == tensor.Float32 { // what was read is read again as the same
			y, err := tensorFromJSON(bytes.NewReader(text), x.DType())
			if err != nil || !y.Shape().Equal(x.Shape()) {
				t.Fatalf("%s: %v, %v", text, y, err)
			}
		}
	})
}
