package recipe_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio"
)

func model(text string) *onnxio.Model {
	return &onnxio.Model{MetadataProps: onnxio.SetMetadata(nil, recipe.Key, text)}
}

func TestRoundTrip(t *testing.T) {
	r := &recipe.Recipe{
		Variables: []recipe.Variable{
			{Name: "lstm/kernel", Shape: []int{3, 8}, Parted: []int{3, 4, 2}, Perm: []int{1, 2, 0}, Regularizer: &recipe.Regularizer{L2: .01}},
			{Name: "lstm/bias", Shape: []int{8}, Constraint: &recipe.Constraint{Name: "max_norm", Max: 2, Axis: []int{-1}}},
			{Name: "bn/mean", Shape: []int{2}, Statistic: true, Data: recipe.Bytes([]float32{1, -2.5})},
			{Name: "bn/variance", Shape: []int{2}, Statistic: true, Data: recipe.Bytes([]float32{1, 3})},
		},
		Weights: map[string][]recipe.Part{"lstm/bias": {{Variable: "lstm/bias"}, {Zeros: 8}}},
		Folded:  []recipe.Folded{{Node: "conv", Mean: "bn/mean", Variance: "bn/variance", Epsilon: .001, Momentum: .99}},
		Noise:   []recipe.Noise{{Layer: "dropout", Class: "Dropout", Rate: .5, Value: "v", Readers: []recipe.Reader{{Node: "w", Input: 1}}}},
		Steps:   map[string]int{"norm": 3},
		Loss:    "huber:delta=0.7",
	}
	text, err := r.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := recipe.Of(model(text))
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Fatalf("%v\n%+v\n%+v", err, got, r)
	}
	if v := got.Variable("bn/mean"); v.Len() != 2 || v.Floats()[1] != -2.5 {
		t.Errorf("data: %v", v.Floats())
	}
	for name, want := range map[string]int{"lstm/bias": 2, "lstm/kernel": 1, "bn/mean": 0, "else": 0} {
		if p := got.Parts(name); len(p) != want {
			t.Errorf("%s is made of %v, want %d parts", name, p, want)
		}
	}
	if r, err := recipe.Of(&onnxio.Model{}); r != nil || err != nil {
		t.Errorf("without metadata: %v, %v", r, err)
	}
}

// TestMalformed checks that metadata from anywhere is an error, and no more.
func TestMalformed(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{`, "JSON"},
		{`{"version":2}`, "version 2"},
		{`{"version":1,"variables":[{"name":"a","shape":[-1]}]}`, "shape [-1]"},
		{`{"version":1,"variables":[{"name":"a","shape":[4294967296,4294967296,4294967296]}]}`, "shape"},
		{`{"version":1,"variables":[{"name":"a","shape":[1]},{"name":"a","shape":[1]}]}`, "twice"},
		{`{"version":1,"variables":[{"name":"a","shape":[2],"data":"AAAA"}]}`, "bytes of data"},
		{`{"version":1,"variables":[{"name":"a","shape":[4],"parted":[3]}]}`, "parted"},
		{`{"version":1,"variables":[{"name":"a","shape":[4],"parted":[]}]}`, "parted"},
		{`{"version":1,"variables":[{"name":"a","shape":[2,2],"perm":[0,0]}]}`, "perm"},
		{`{"version":1,"variables":[{"name":"a","shape":[2],"constraint":{"name":"max_norm","axis":[1]}}]}`, "axis 1"},
		{`{"version":1,"variables":[{"name":"a","shape":[2],"constraint":{"name":"round"}}]}`, "not known"},
		{`{"version":1,"weights":{"w":[{"variable":"b"}]}}`, "part of variable"},
		{`{"version":1,"weights":{"w":[{"zeros":-1}]}}`, "zeros"},
		{`{"version":1,"folded":[{"node":"c","mean":"m","variance":"v"}]}`, "has no data"},
		{`{"version":1,"noise":[{"class":"Dropout","rate":1}]}`, "rate 1"},
		{`{"version":1,"noise":[{"class":"Shuffle"}]}`, "not known"},
		{`{"version":1,"steps":{"norm":1}}`, "normalisation norm: 1 steps"},
		{`{"version":1,"steps":{"norm":1000000}}`, "1000000 steps"},
	} {
		if _, err := recipe.Of(model(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
}
