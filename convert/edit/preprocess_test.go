package edit

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func parse(t *testing.T, text string) *onnxio.Model {
	t.Helper()
	m, err := onnxio.ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func runModel(t *testing.T, m *onnxio.Model, in map[string]tensor.Any) map[string]tensor.Any {
	t.Helper()
	for _, f := range onnxio.Check(m) {
		t.Error(f)
	}
	s, err := infer.New(m, infer.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func near(t *testing.T, what string, got tensor.Any, want []float64) {
	t.Helper()
	x := tensor.Data[float32](got)
	if len(x) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(x), len(want))
	}
	for i, v := range want {
		if math.Abs(float64(x[i])-v) > 1e-5+1e-5*math.Abs(v) {
			t.Fatalf("%s: number %d is %v, want %v", what, i, x[i], v)
		}
	}
}

// rowModel hands its input on.
const rowModel = `<ir_version: 8, opset_import: ["" : 18]>
net (float[batch,%d] x) => (float[batch,%d] y) { y = Identity(x) }`

func rows(t *testing.T, n string) *onnxio.Model {
	return parse(t, strings.ReplaceAll(rowModel, "%d", n))
}

func TestScikitLearn(t *testing.T) {
	var doc struct {
		Test, Imputed [][]float64
		Rows          [][]*float64
		Imputer       string // as json.dump writes it, NaN included
		Cases         []struct {
			Name   string
			Scaler json.RawMessage
			Out    [][]float64
		}
	}
	b, err := os.ReadFile("testdata/scalers.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	columns := []Column{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "x"}} // x is the model's own name too
	check := func(t *testing.T, in Input, x [][]float64, want [][]float64) {
		m, err := Preprocess(rows(t, "4"), []Input{in})
		if err != nil {
			t.Fatal(err)
		}
		feed := map[string]tensor.Any{}
		for k, c := range columns {
			v := tensor.Zeros[float32](len(x), 1)
			for i := range x {
				v.Data()[i] = float32(x[i][k])
			}
			feed[c.Name] = v
		}
		var flat []float64
		for _, r := range want {
			flat = append(flat, r...)
		}
		near(t, "y", runModel(t, m, feed)["y"], flat)
	}
	for _, c := range doc.Cases {
		t.Run(c.Name, func(t *testing.T) {
			s, err := ParseScaler(c.Scaler)
			if err != nil {
				t.Fatal(err)
			}
			check(t, Input{Name: "x", Columns: columns, Scale: s}, doc.Test, c.Out)
		})
	}
	t.Run("imputer", func(t *testing.T) {
		fill, err := ParseImputer([]byte(doc.Imputer))
		if err != nil {
			t.Fatal(err)
		}
		x := make([][]float64, len(doc.Rows))
		for i, r := range doc.Rows {
			for _, v := range r {
				if v == nil {
					v = new(float64)
					*v = math.NaN()
				}
				x[i] = append(x[i], *v)
			}
		}
		check(t, Input{Name: "x", Columns: columns, Impute: fill}, x, doc.Imputed)
	})
}

// service is a net with a row of numbers and an embedding's index, as Keras's converted ones are.
const service = `<ir_version: 8, opset_import: ["" : 18]>
net (float[n,4] features, int64[n,1] index) => (float[n,1,2] vector, float[n,4] row)
<float[4,2] table = {0,1,10,11,20,21,30,31}, float[1] kind = {1}> {
  vector = Gather(table, index)
  row = Mul(features, kind)
}`

func TestPreprocess(t *testing.T) {
	kinds, err := NewCategories([]string{"red", "white"})
	if err != nil {
		t.Fatal(err)
	}
	vendors, err := ParseDictionary([]byte(`{"17": 1, "-23": 2, "[UNK]": 3}`))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Preprocess(parse(t, service), []Input{
		{Name: "features", Columns: []Column{{Name: "size"}, {Name: "kind", OneHot: kinds}, {Name: "weight"}},
			Scale: &Scaler{Offset: []float64{1, 2}, Factor: []float64{10, 100}}}, // for the two numbers
		{Name: "index", Columns: []Column{{Name: "index", Map: vendors}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	out := runModel(t, m, map[string]tensor.Any{
		"size": tensor.Must([]float32{1, 2, 3}, 3, 1), "weight": tensor.Must([]float32{2, 3, 4}, 3, 1),
		"kind":  tensor.Must([]string{"red", "white", "green"}, 3, 1),
		"index": tensor.Must([]int64{-23, 17, 99}, 3, 1),
	})
	near(t, "row", out["row"], []float64{0, 1, 0, 0, 10, 0, 1, 100, 20, 0, 0, 200})
	near(t, "vector", out["vector"], []float64{20, 21, 10, 11, 30, 31})
	var names []string
	for _, v := range m.Graph.Input {
		names = append(names, v.Name)
	}
	if got := strings.Join(names, " "); got != "size kind weight index" {
		t.Errorf("inputs are %s", got)
	}
}

func TestPreprocessErrors(t *testing.T) {
	one := 1.0
	dict := func(unknown *float64) *Dictionary {
		return &Dictionary{Keys: []string{"a"}, Values: []float64{1}, Unknown: unknown}
	}
	columns := func(names ...string) (list []Column) {
		for _, n := range names {
			list = append(list, Column{Name: n})
		}
		return list
	}
	tests := []struct {
		name string
		in   []Input
		want string
	}{
		{"nothing", nil, "no input is made from columns"},
		{"no such input", []Input{{Name: "z", Columns: columns("a")}}, "input z: the model has no such input; it has features, index"},
		{"no column", []Input{{Name: "features"}}, "made of no column"},
		{"width", []Input{{Name: "features", Columns: columns("a", "b")}}, "it is f32[n,4], the columns make rows of 2: a, b"},
		{"twice", []Input{{Name: "index", Columns: columns("a")}, {Name: "index", Columns: columns("a")}}, "made twice"},
		{"unknown key", []Input{{Name: "index", Columns: []Column{{Name: "a", Map: dict(nil)}}}}, "what an unknown key becomes"},
		{"two types", []Input{{Name: "index", Columns: []Column{{Name: "a", Map: dict(&one)}}}, {Name: "features", Columns: columns("a", "b", "c", "d")}}, "column a is read as string and as f32"},
		{"scaler's length", []Input{{Name: "features", Columns: columns("a", "b", "c", "d"), Scale: &Scaler{Factor: []float64{1, 2}}}}, "the scaler has 2 numbers, the row 4"},
		{"scaler's order", []Input{{Name: "features", Columns: columns("a", "b", "c", "d"), Scale: &Scaler{Columns: []string{"b", "a", "c", "d"}, Factor: []float64{1, 2, 3, 4}}}}, "give them in that order"},
		{"scaled index", []Input{{Name: "index", Columns: columns("a"), Scale: &Scaler{Factor: []float64{1}}}}, "it is i64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Preprocess(parse(t, service), tt.in)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %s", err, tt.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	scaler := func(b []byte) error { _, err := ParseScaler(b); return err }
	dictionary := func(b []byte) error { _, err := ParseDictionary(b); return err }
	imputer := func(b []byte) error { _, err := ParseImputer(b); return err }
	for _, tt := range []struct {
		f    func([]byte) error
		text string
		want string
	}{
		{scaler, `{}`, "vars(scaler)"},
		{scaler, `[1]`, "scaler: json"},
		{scaler, `{"data_min_":[1],"data_max_":[1,2]}`, "1 numbers, data_max_ 2"},
		{scaler, `{"data_min_":[1],"data_max_":[2],"feature_range":[1,0]}`, "ascending"},
		{scaler, `{"mean_":[1,2],"scale_":[1]}`, "scale_ has 1 numbers"},
		{scaler, `{"mean_":[]}`, "no numbers"},
		{scaler, `{"mean_":[1],"feature_names_in_":["a","b"]}`, "2 names for 1"},
		{dictionary, `[1]`, "not a JSON object"},
		{dictionary, `{"a":"b"}`, "no number"},
		{dictionary, `{"a":1,"a":2}`, "twice"},
		{dictionary, `{}`, "empty"},
		{dictionary, `{"a":1} x`, "follows"},
		{dictionary, `{"a":1`, "dictionary: "},
		{imputer, `{}`, "statistics_"},
		{imputer, `{"statistics_":["a"]}`, "imputer: json"},
	} {
		if err := tt.f([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %s", tt.text, err, tt.want)
		}
	}
}
