package nn

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// preprocessCase is one of testdata/preprocess.json, see testdata/gen/keras_preprocess.py.
type preprocessCase struct {
	Layer string
	Args  struct {
		OutputMode     string `json:"output_mode"`
		MaskToken      any    `json:"mask_token"`
		MaxTokens      int    `json:"max_tokens"`
		PadToMaxTokens bool   `json:"pad_to_max_tokens"`
		NumOOVIndices  *int   `json:"num_oov_indices"`
		Invert         bool
		Vocabulary     []any
		BinBoundaries  []float64 `json:"bin_boundaries"`
		Axis           any
		Mean, Variance *float64
	}
	raw      string
	Adapt, X any
	Y        any
	Shape    []int
}

// layer returns the layer with Keras's arguments.
func (c *preprocessCase) layer() Layer {
	a := c.Args
	switch c.Layer {
	case "StringLookup":
		l := &StringLookup{OutputMode: a.OutputMode, MaxTokens: a.MaxTokens, PadToMaxTokens: a.PadToMaxTokens, Invert: a.Invert}
		l.NoOOV = a.NumOOVIndices != nil
		if m, ok := a.MaskToken.(string); ok {
			l.MaskToken = &m
		}
		for _, v := range a.Vocabulary {
			l.Vocabulary = append(l.Vocabulary, v.(string))
		}
		return l
	case "IntegerLookup":
		l := &IntegerLookup{OutputMode: a.OutputMode, MaxTokens: a.MaxTokens, PadToMaxTokens: a.PadToMaxTokens, Invert: a.Invert}
		if a.NumOOVIndices != nil {
			l.NumOOVIndices = *a.NumOOVIndices
		}
		if m, ok := a.MaskToken.(float64); ok {
			mask := int64(m)
			l.MaskToken = &mask
		}
		for _, v := range a.Vocabulary {
			l.Vocabulary = append(l.Vocabulary, int64(v.(float64)))
		}
		return l
	case "Discretization":
		return &Discretization{BinBoundaries: a.BinBoundaries, OutputMode: a.OutputMode}
	}
	l := &Normalization{Invert: a.Invert, NoAxis: strings.Contains(c.raw, `"axis":null`)}
	if axis, ok := a.Axis.(float64); ok {
		l.Axis = int(axis)
	}
	if a.Mean != nil {
		l.Mean, l.Variance = []float64{*a.Mean}, []float64{*a.Variance}
	}
	return l
}

// nested returns nested lists of JSON as a tensor: of strings, of int64 where whole says so, else of float32.
func nested(v any, whole bool) tensor.Any {
	var shape []int
	for s, ok := v.([]any); ok; s, ok = s[0].([]any) {
		shape = append(shape, len(s))
	}
	var flat []any
	var walk func(any)
	walk = func(v any) {
		if s, ok := v.([]any); ok {
			for _, e := range s {
				walk(e)
			}
			return
		}
		flat = append(flat, v)
	}
	walk(v)
	if _, ok := flat[0].(string); ok {
		return tensor.Must(convertAll(flat, func(v any) string { return v.(string) }), shape...)
	}
	if whole {
		return tensor.Must(convertAll(flat, func(v any) int64 { return int64(v.(float64)) }), shape...)
	}
	return tensor.Must(convertAll(flat, func(v any) float32 { return float32(v.(float64)) }), shape...)
}

func convertAll[T any](vs []any, f func(any) T) []T {
	out := make([]T, len(vs))
	for i, v := range vs {
		out[i] = f(v)
	}
	return out
}

// evaluate builds a network of one layer behind an input, and evaluates it.
func evaluate(l Layer, x tensor.Any) (tensor.Any, error) {
	b := NewBuilder(1)
	in := b.Input(Input{Name: "x", DType: x.DType(), Shape: x.Shape()[1:]})
	y := b.Output("y", b.Apply(l, in))
	net, err := b.Net(y)
	if err != nil {
		return nil, err
	}
	vals, err := ops.Set().EvalGraph(context.Background(), net.Graph, map[*ir.Value]tensor.Any{in: x}, op.Rand{})
	if err != nil {
		return nil, err
	}
	return vals[y.ID], nil
}

// TestPreprocess holds what lookups, Discretization and Normalization learn and make against Keras.
func TestPreprocess(t *testing.T) {
	b, err := os.ReadFile("testdata/preprocess.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Cases []json.RawMessage }
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	for i, raw := range doc.Cases {
		var c preprocessCase
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		c.raw = string(raw)
		name, _, _ := strings.Cut(c.raw, `,"adapt"`)
		t.Run(fmt.Sprintf("%d/%s", i, name), func(t *testing.T) {
			l := c.layer()
			whole := strings.HasSuffix(c.Layer, "Lookup")
			if c.Adapt != nil {
				if err := l.(interface{ Adapt(tensor.Any) error }).Adapt(nested(c.Adapt, whole)); err != nil {
					t.Fatal(err)
				}
			}
			got, err := evaluate(l, nested(c.X, whole))
			if err != nil {
				t.Fatal(err)
			}
			if !got.Shape().Equal(c.Shape) {
				t.Fatalf("shape %v, want %v", got.Shape(), c.Shape)
			}
			want := nested(c.Y, got.DType() == tensor.Int64)
			switch w := want.(type) {
			case *tensor.Tensor[float32]:
				for i, v := range tensor.Data[float32](got) {
					if math.Abs(float64(v-w.Data()[i])) > 2e-6*(1+math.Abs(float64(v))) {
						t.Errorf("%v, want %v", got, want)
						break
					}
				}
			case *tensor.Tensor[int64]:
				if !reflect.DeepEqual(tensor.Data[int64](got), w.Data()) {
					t.Errorf("%v, want %v", tensor.Data[int64](got), w.Data())
				}
			case *tensor.Tensor[string]:
				if !reflect.DeepEqual(tensor.Data[string](got), w.Data()) {
					t.Errorf("%q, want %q", tensor.Data[string](got), w.Data())
				}
			}
		})
	}
}

func TestPreprocessErrors(t *testing.T) {
	text := tensor.Must([]string{"a", "b"}, 2, 1)
	one := "a"
	for _, c := range []struct {
		layer Layer
		x     tensor.Any
		fail  string
	}{
		{&StringLookup{}, text, "no vocabulary"},
		{&StringLookup{Vocabulary: []string{"a", "a"}}, text, "twice"},
		{&StringLookup{Vocabulary: []string{"a"}, MaskToken: &one}, text, "has the MaskToken a"},
		{&StringLookup{Vocabulary: []string{"a"}, OutputMode: "onehot"}, text, "there are int, one_hot, multi_hot, count, tf_idf"},
		{&StringLookup{Vocabulary: []string{"a"}, OutputMode: "tf_idf"}, text, "0 IDFWeights for a vocabulary of 1"},
		{&StringLookup{Vocabulary: []string{"a", "b"}, MaxTokens: 2}, text, "has 3 indices"},
		{&StringLookup{Vocabulary: []string{"a"}, PadToMaxTokens: true}, text, "needs MaxTokens"},
		{&StringLookup{Vocabulary: []string{"a"}, Invert: true, OutputMode: "count"}, text, "not encoded"},
		{&StringLookup{Vocabulary: []string{"a"}, OutputMode: "count"}, tensor.Must([]string{"a", "b"}, 2), "must not be the batch's"},
		{&IntegerLookup{}, tensor.Must([]int64{1}, 1, 1), "no vocabulary"},
		{&IntegerLookup{Vocabulary: []int64{1}, NumOOVIndices: -2}, tensor.Must([]int64{1}, 1, 1), "must be positive"},
		{&IntegerLookup{Vocabulary: []int64{1}, NumOOVIndices: 2, NoOOV: true}, tensor.Must([]int64{1}, 1, 1), "none are given with NoOOV"},
		{&Normalization{}, tensor.Must([]float32{1}, 1, 1), "adapt it to data"},
		{&Normalization{Mean: []float64{1, 2}, Variance: []float64{1, 1}}, tensor.Must([]float32{1, 2, 3}, 1, 3), "adapted to 2 features"},
		{&Normalization{Axis: 3, Mean: []float64{1, 2}, Variance: []float64{1, 1}}, tensor.Must([]float32{1, 2}, 1, 2), "adapted to 2 features"},
	} {
		if _, err := evaluate(c.layer, c.x); err == nil || !strings.Contains(err.Error(), c.fail) {
			t.Errorf("%+v: %v, want %q", c.layer, err, c.fail)
		}
	}
	for _, c := range []struct {
		layer interface{ Adapt(tensor.Any) error }
		x     tensor.Any
	}{
		{&StringLookup{}, tensor.Must([]float32{1}, 1)},
		{&IntegerLookup{}, text},
		{&Normalization{Axis: 5}, tensor.Must([]float32{1}, 1, 1)},
		{&Normalization{}, text},
		{&Normalization{}, tensor.Must([]float32{}, 0, 2)},
	} {
		if err := c.layer.Adapt(c.x); err == nil {
			t.Errorf("%T adapts to %v%v", c.layer, c.x.DType(), c.x.Shape())
		}
	}
}
