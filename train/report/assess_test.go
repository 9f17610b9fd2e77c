package report

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/metric"
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

// TestClassCurves holds the areas of kept curves against those of all points.
func TestClassCurves(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	n, c := 60_000, 3
	if testing.Short() {
		n = 3000
	}
	truth, p := make([]float64, n), make([]float64, n*c)
	for i := range truth {
		truth[i] = float64(r.IntN(c))
		for k := range c {
			p[i*c+k] = r.Float64()
			if k == int(truth[i]) {
				p[i*c+k] += .3
			}
		}
	}
	a, err := Assess(Multiclass, tensor.Vector(truth...), tensor.Must(p, n, c), AssessOptions{Labels: []string{"x", "y", "z"}})
	if err != nil || len(a.Curves) != c || a.Curves[2].Name != "z" {
		t.Fatalf("%d curves, error %v", len(a.Curves), err)
	}
	mean := 0.0
	for _, curve := range a.Curves {
		mean += metric.AreaROC(curve.Points) / float64(c)
		if len(curve.Points) > 40_002 {
			t.Errorf("%d points", len(curve.Points))
		}
	}
	if math.Abs(mean-a.Get("macro_auc")) > 2e-5 {
		t.Errorf("areas of the curves have the mean %v, all points %v", mean, a.Get("macro_auc"))
	}
	pictures, err := Pictures([]Assessed{{Assessment: a}}, 0)
	if err != nil || len(pictures) != 3 || pictures[0].Name != "roc" || pictures[1].Name != "precision_recall" || pictures[2].Name != "confusion" {
		t.Errorf("%d pictures, error %v", len(pictures), err)
	}
}
