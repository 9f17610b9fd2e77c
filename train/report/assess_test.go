package report

import (
	"errors"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestTaskOf(t *testing.T) {
	f := func(shape []int, v ...float32) tensor.Any { return tensor.Must(v, shape...) }
	one := []int{3, 1}
	tests := []struct {
		name             string
		truth, predicted tensor.Any
		want             Task
	}{
		{"a probability", f(one, 0, 1, 1), f(one, .2, .9, 1), Binary},
		{"a vector", f([]int{3}, 0, 1, 1), f(one, .2, .9, 1), Binary},
		{"a logit", f(one, 0, 1, 1), f(one, -2, .9, 1), Regression},
		{"a number", f(one, 0, 1.5, 1), f(one, .2, .9, 1), Regression},
		{"two columns", f([]int{1, 2}, 0, 1), f([]int{1, 2}, .2, .8), Binary},
		{"classes of two columns", tensor.Vector[int64](1), f([]int{1, 2}, .2, .8), Binary},
		{"three columns", tensor.Vector[int64](2), f([]int{1, 3}, .2, .1, .7), Multiclass},
		{"one-hot", f([]int{1, 3}, 0, 1, 0), f([]int{1, 3}, .2, .1, .7), Multiclass},
		{"a reconstruction", f([]int{1, 3}, 0, 1, .5), f([]int{1, 3}, .2, .1, .7), Unknown},
		{"two ones", f([]int{1, 3}, 0, 1, 1), f([]int{1, 3}, .2, .1, .7), Unknown},
		{"a class too many", tensor.Vector[int64](3), f([]int{1, 3}, .2, .1, .7), Unknown},
		{"images", f([]int{1, 1, 3}, 0, 1, 0), f([]int{1, 1, 3}, 0, 1, 0), Unknown},
		{"other rows", f([]int{2, 1}, 0, 1), f(one, 0, 1, 0), Unknown},
		{"text", tensor.Vector("a"), f([]int{1, 1}, 0), Unknown},
	}
	for _, test := range tests {
		if got := TaskOf(test.truth, test.predicted); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestAssessErrors(t *testing.T) {
	v := func(x ...float32) tensor.Any { return tensor.Vector(x...) }
	nan := float32(math.NaN())
	for name, test := range map[string]struct {
		task             Task
		truth, predicted tensor.Any
	}{
		"rows that differ":      {Binary, v(1), v(1, 0)},
		"a target of 2":         {Binary, v(2, 0), v(1, 0)},
		"NaN":                   {Binary, v(1, 0), v(nan, 0)},
		"no rows":               {Binary, v(), v()},
		"unknown":               {Unknown, v(1), v(1)},
		"a class out of range":  {Multiclass, v(3), tensor.Must([]float32{0, 0, 1}, 1, 3)},
		"NaN among scores":      {Multiclass, v(0), tensor.Must([]float32{0, nan, 1}, 1, 3)},
		"one column of classes": {Multiclass, v(0), v(0)},
		"infinite":              {Regression, v(0), v(float32(math.Inf(1)))},
		"text":                  {Regression, tensor.Vector("a"), v(1)},
		"rank 3":                {Regression, v(1), tensor.Zeros[float32](1, 1, 1)},
	} {
		if _, err := Assess(test.task, test.truth, test.predicted, AssessOptions{}); !errors.Is(err, ErrData) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestAssessOneClass has no area under a curve, which is NaN, and still pictures.
func TestAssessOneClass(t *testing.T) {
	a, err := Assess(Binary, tensor.Vector[float32](0, 0), tensor.Vector[float32](.1, .7), AssessOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if v := a.Get("auc"); !math.IsNaN(v) {
		t.Errorf("AUC %v", v)
	}
	if v := a.Get("accuracy"); v != .5 {
		t.Errorf("accuracy %v", v)
	}
	pictures, err := Pictures([]Assessed{{"test", a}}, 1)
	if err != nil || len(pictures) != 1 || pictures[0].Name != "confusion" {
		t.Errorf("%d pictures, %v", len(pictures), err)
	}
}

func TestProbabilities(t *testing.T) {
	one, err := Probabilities(tensor.Vector[float32](0, 100, -100))
	if err != nil {
		t.Fatal(err)
	}
	if p := tensor.Data[float64](one); p[0] != .5 || p[1] != 1 || p[2] > 1e-40 {
		t.Errorf("sigmoid %v", p)
	}
	two, err := Probabilities(tensor.Must([]float32{1000, 1000, 0}, 1, 3))
	if err != nil {
		t.Fatal(err)
	}
	if p := tensor.Data[float64](two); p[0] != .5 || p[1] != .5 || p[2] != 0 {
		t.Errorf("softmax %v", p)
	}
}
