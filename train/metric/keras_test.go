package metric

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// array is a tensor in testdata/keras/metric.json.gz, which testdata/gen/metric.py makes.
type array struct {
	Shape []int
	Dtype string
	Data  []float64
}

// rows returns examples lo up to hi as a tensor.
func (a *array) rows(t testing.TB, lo, hi int) tensor.Any {
	t.Helper()
	if a == nil {
		return nil
	}
	width := tensor.Shape(a.Shape[1:]).Len()
	shape := append([]int{hi - lo}, a.Shape[1:]...)
	data := a.Data[lo*width : hi*width]
	var out tensor.Any
	var err error
	switch a.Dtype {
	case "float32":
		out, err = tensor.New(convert[float32](data), shape...)
	case "int64":
		out, err = tensor.New(convert[int64](data), shape...)
	default:
		t.Fatalf("no such type: %s", a.Dtype)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (a *array) all(t testing.TB) tensor.Any {
	if a == nil {
		return nil
	}
	return a.rows(t, 0, a.Shape[0])
}

type fixtures struct {
	Keras []struct {
		Name    string
		T, P, W *array
		Cut     int
		Metrics []struct {
			Class   string
			Args    map[string]any
			Results []any
		}
	}
	Curves []struct {
		Name                                    string
		T, P, W                                 *array
		FPR, TPR, Thresholds, Precision, Recall []float64
		AUC                                     float64
		AveragePrecision                        float64   `json:"average_precision"`
		PRThresholds                            []float64 `json:"pr_thresholds"`
	}
	Confusion []struct {
		Name                           string
		T, P, W                        *array
		Matrix                         [][]float64
		Precision, Recall, F1, Support []float64
		Kappa, Accuracy                float64
	}
}

func load(t testing.TB) *fixtures {
	t.Helper()
	file, err := os.Open("../../testdata/keras/metric.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var f fixtures
	if err := json.NewDecoder(z).Decode(&f); err != nil {
		t.Fatal(err)
	}
	return &f
}

// args are a Keras constructor's; what a build did not read is left over.
type args map[string]any

func (a args) float(key string) float64 {
	v, _ := a[key].(float64)
	delete(a, key)
	return v
}

func (a args) at(key string) *float64 {
	v, ok := a[key].(float64)
	delete(a, key)
	if !ok {
		return nil
	}
	return &v
}

func (a args) class(key string) *int {
	v := a.at(key)
	if v == nil {
		return nil
	}
	i := int(*v)
	return &i
}

func (a args) list(key string) []float64 {
	v, _ := a[key].([]any)
	delete(a, key)
	var out []float64
	for _, x := range v {
		out = append(out, x.(float64))
	}
	return out
}

func (a args) index(key string, names ...string) int {
	v, _ := a[key].(string)
	delete(a, key)
	return max(0, slices.Index(names, v))
}

func (a args) is(key string) bool {
	v, _ := a[key].(bool)
	delete(a, key)
	return v
}

// build makes the metric of a Keras class.
func build(t *testing.T, class string, a args) Metric {
	t.Helper()
	n := func() int { return int(a.float("num_thresholds")) }
	average := func() Average { return Average(a.index("average", "macro", "micro", "weighted")) }
	switch class {
	case "BinaryAccuracy":
		return &BinaryAccuracy{Threshold: a.at("threshold")}
	case "TopKCategoricalAccuracy":
		return &TopKCategoricalAccuracy{K: int(a.float("k"))}
	case "SparseTopKCategoricalAccuracy":
		return &SparseTopKCategoricalAccuracy{K: int(a.float("k"))}
	case "TruePositives":
		return &TruePositives{Threshold: a.at("thresholds")}
	case "FalsePositives":
		return &FalsePositives{Threshold: a.at("thresholds")}
	case "TrueNegatives":
		return &TrueNegatives{Threshold: a.at("thresholds")}
	case "FalseNegatives":
		return &FalseNegatives{Threshold: a.at("thresholds")}
	case "Precision":
		return &Precision{Threshold: a.at("thresholds"), TopK: int(a.float("top_k")), Class: a.class("class_id")}
	case "Recall":
		return &Recall{Threshold: a.at("thresholds"), TopK: int(a.float("top_k")), Class: a.class("class_id")}
	case "AUC":
		return &AUC{
			Curve:         Curve(a.index("curve", "ROC", "PR", "PRGAIN")),
			Summation:     Summation(a.index("summation_method", "interpolation", "minoring", "majoring")),
			NumThresholds: n(), Thresholds: a.list("thresholds"), MultiLabel: a.is("multi_label"),
			LabelWeights: a.list("label_weights"), FromLogits: a.is("from_logits"),
		}
	case "SensitivityAtSpecificity":
		return &SensitivityAtSpecificity{Specificity: a.float("specificity"), NumThresholds: n(), Class: a.class("class_id")}
	case "SpecificityAtSensitivity":
		return &SpecificityAtSensitivity{Sensitivity: a.float("sensitivity"), NumThresholds: n(), Class: a.class("class_id")}
	case "PrecisionAtRecall":
		return &PrecisionAtRecall{Recall: a.float("recall"), NumThresholds: n(), Class: a.class("class_id")}
	case "RecallAtPrecision":
		return &RecallAtPrecision{Precision: a.float("precision"), NumThresholds: n(), Class: a.class("class_id")}
	case "FBetaScore":
		return &FBetaScore{Average: average(), Beta: a.float("beta"), Threshold: a.at("threshold")}
	case "F1Score":
		return &F1Score{Average: average(), Threshold: a.at("threshold")}
	case "R2Score":
		return &R2Score{
			VarianceWeighted: a.index("class_aggregation", "uniform_average", "variance_weighted_average") == 1,
			Regressors:       int(a.float("num_regressors")),
		}
	case "BinaryCrossentropy":
		return &BinaryCrossentropy{FromLogits: a.is("from_logits"), LabelSmoothing: a.float("label_smoothing")}
	case "CategoricalCrossentropy":
		return &CategoricalCrossentropy{FromLogits: a.is("from_logits"), LabelSmoothing: a.float("label_smoothing")}
	case "Accuracy":
		return &Accuracy{} // Parse would give Auto
	}
	m, err := Parse(class)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// results returns Keras's figures; F1Score without an average has one for each class, whose mean is ours.
func result(v any) float64 {
	if list, ok := v.([]any); ok {
		sum := 0.0
		for _, x := range list {
			sum += x.(float64)
		}
		return sum / float64(len(list))
	}
	return v.(float64)
}

// near allows what Keras loses by summing in float32.
func near(got, want float64) bool {
	return math.Abs(got-want) <= 2e-6+1e-5*math.Abs(want)
}

func TestKeras(t *testing.T) {
	checked := 0
	for _, c := range load(t).Keras {
		for _, m := range c.Metrics {
			name := fmt.Sprintf("%s %s %v", c.Name, m.Class, m.Args)
			left := args(m.Args)
			ours := build(t, m.Class, left)
			if len(left) > 0 {
				t.Fatalf("%s: arguments nobody read: %v", name, left)
			}
			n := c.T.Shape[0]
			for round := range 2 { // the second after a reset
				for step, part := range [][2]int{{0, c.Cut}, {c.Cut, n}} {
					err := ours.Update(c.T.rows(t, part[0], part[1]), c.P.rows(t, part[0], part[1]), c.W.rows(t, part[0], part[1]))
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					if got, want := ours.Result(), result(m.Results[step]); !near(got, want) {
						t.Errorf("%s, round %d, after batch %d: got %v, Keras has %v", name, round, step, got, want)
					}
					checked++
				}
				ours.Reset()
				if got := ours.Result(); got != 0 {
					t.Errorf("%s: %v after a reset", name, got)
				}
			}
		}
	}
	if checked < 1000 {
		t.Errorf("only %d results", checked)
	}
}

func TestCurves(t *testing.T) {
	for _, c := range load(t).Curves {
		var s Scores
		if err := s.Update(c.T.all(t), c.P.all(t), c.W.all(t)); err != nil {
			t.Fatal(err)
		}
		points, err := s.Points()
		if err != nil {
			t.Fatal(err)
		}
		if len(points) != len(c.FPR) || len(points) != len(c.Precision) {
			t.Fatalf("%s: %d points, scikit-learn has %d and %d", c.Name, len(points), len(c.FPR), len(c.Precision))
		}
		last := len(points) - 1
		for i, p := range points {
			ok := near(p.FalsePositiveRate(), c.FPR[i]) && near(p.Recall(), c.TPR[i])
			ok = ok && near(p.Precision(), c.Precision[last-i]) && near(p.Recall(), c.Recall[last-i])
			if i > 0 {
				ok = ok && near(p.Threshold, c.Thresholds[i-1]) && near(p.Threshold, c.PRThresholds[last-i])
			}
			if !ok {
				t.Errorf("%s: point %d is %+v", c.Name, i, p)
			}
		}
		if got := AreaROC(points); !near(got, c.AUC) {
			t.Errorf("%s: area %v, want %v", c.Name, got, c.AUC)
		}
		if got := AveragePrecision(points); !near(got, c.AveragePrecision) {
			t.Errorf("%s: average precision %v, want %v", c.Name, got, c.AveragePrecision)
		}
		for curve, want := range map[Curve]float64{ROC: c.AUC, PR: c.AveragePrecision} {
			m := &ExactAUC{Curve: curve}
			if err := m.Update(c.T.all(t), c.P.all(t), c.W.all(t)); err != nil {
				t.Fatal(err)
			}
			if !near(m.Result(), want) {
				t.Errorf("%s: exact area %v, want %v", c.Name, m.Result(), want)
			}
		}
	}
}

func TestConfusionFixtures(t *testing.T) {
	for _, c := range load(t).Confusion {
		var m Confusion
		if err := m.Update(c.T.all(t), c.P.all(t), c.W.all(t)); err != nil {
			t.Fatal(err)
		}
		ok := near(m.Kappa(), c.Kappa) && near(m.Accuracy(), c.Accuracy)
		for i, row := range m.Matrix() {
			for j, v := range row {
				ok = ok && near(v, c.Matrix[i][j])
			}
		}
		for i, r := range m.Report() {
			ok = ok && near(r.Precision, c.Precision[i]) && near(r.Recall, c.Recall[i]) && near(r.F1, c.F1[i]) && near(r.Support, c.Support[i])
		}
		if !ok {
			t.Errorf("%s: got %s %+v, kappa %v; want %+v", c.Name, strings.TrimSpace(m.String()), m.Report(), m.Kappa(), c)
		}
	}
}
