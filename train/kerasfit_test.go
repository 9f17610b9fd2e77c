package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/metric"
)

// kerasFit is a case.json of testdata/keras/fit.zip.
type kerasFit struct {
	Name      string
	Model     kerasModel
	Weights   []kerasWeight
	Loss      kerasObject
	Optimizer kerasObject
	Metrics   []kerasObject
	Weighted  []kerasObject `json:"weighted_metrics"`
	Batch     int           `json:"batch_size"`
	Epochs    int
	Fit       settings
	Weight    bool `json:"sample_weight"`
	HasVal    bool `json:"validation_data"`
	Callbacks []kerasObject
	History   map[string][]float64
	Rates     []float64 `json:"learning_rates"`
	Evaluate  map[string]float64
}

// TestKerasFit holds whole calls of Fit against Keras's: the history, the weights at the end, evaluate and
// predict.
func TestKerasFit(t *testing.T) {
	f := openFixture(t, "../testdata/keras/fit.zip")
	var index struct{ Cases []struct{ Name string } }
	f.json(t, "index.json", &index)
	for _, c := range index.Cases {
		t.Run(c.Name, func(t *testing.T) {
			var k kerasFit
			f.json(t, c.Name+"/case.json", &k)
			k.run(t, f)
		})
	}
}

func (k *kerasFit) run(t *testing.T, f *fixture) {
	ctx := context.Background()
	tr := k.trainer(t, f)
	defer tr.Close()
	all, train, val := k.data(t, f)
	o := FitOptions{Epochs: k.Epochs}
	for _, c := range k.Callbacks {
		o.Callbacks = append(o.Callbacks, buildCallback(t, c))
	}
	if val != nil {
		o.Validation = k.batches(t, val)
	}
	h, err := tr.Fit(ctx, k.batches(t, train), o)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range k.History {
		got := h.Column(name)
		if len(got) != len(want) {
			t.Fatalf("%s has %d epochs, Keras's %d", name, len(got), len(want))
		}
		for e := range want {
			if !near(got[e], want[e], 1e-4) {
				t.Errorf("%s of epoch %d is %v, Keras's %v", name, e, got[e], want[e])
			}
		}
	}
	plain, err := all.WithWeight(nil)
	if err != nil {
		t.Fatal(err)
	}
	row, err := tr.Evaluate(ctx, k.batches(t, plain))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range tr.figureNames(false) {
		if !near(row[i], k.Evaluate[name], 1e-4) {
			t.Errorf("evaluate gives %s %v, Keras's %v", name, row[i], k.Evaluate[name])
		}
	}
	k.compareWeights(t, f, tr)
	out, err := tr.Predict(ctx, all.Inputs())
	if err != nil {
		t.Fatal(err)
	}
	want := tensor.Data[float32](f.array(t, k.Name+"/predict.npy"))
	for i, v := range tensor.Data[float32](out[0]) {
		if !near(float64(v), float64(want[i]), 2e-4) {
			t.Fatalf("prediction %d is %v, Keras's %v", i, v, want[i])
		}
	}
}

// near compares relative to the number, or to a thousandth where it is small.
func near(got, want, tol float64) bool {
	return got == want || math.Abs(got-want) <= tol*math.Max(math.Abs(want), 1e-3)
}

func (k *kerasFit) compareWeights(t *testing.T, f *fixture, tr *Trainer) {
	c := kerasCase{Name: k.Name, Model: k.Model, Weights: k.Weights}
	for i, w := range k.Weights {
		if c.free(w) {
			continue
		}
		want := tensor.Data[float32](c.weight(t, f, fmt.Sprintf("%s/final/%d.npy", k.Name, i), w))
		for _, p := range tr.Params() {
			if p.Name != w.param() {
				continue
			}
			for j, v := range tensor.Data[float32](p.Tensor) {
				if math.Abs(float64(v-want[j])) > 1e-4*(1+math.Abs(float64(want[j]))) {
					t.Fatalf("%s[%d] ends at %v, Keras's at %v", p.Name, j, v, want[j])
				}
			}
		}
	}
}

func (k *kerasFit) trainer(t *testing.T, f *fixture) *Trainer {
	l, err := buildLoss(k.Loss, 0)
	if err != nil {
		t.Fatal(err)
	}
	o, err := buildOptimizer(k.Optimizer, nil)
	if err != nil {
		t.Fatal(err)
	}
	net, err := buildNet(k.Model, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := New(net, Config{Loss: l, Optimizer: o, Metrics: buildMetrics(t, k.Metrics), WeightedMetrics: buildMetrics(t, k.Weighted)})
	if err != nil {
		t.Fatal(err)
	}
	c := kerasCase{Name: k.Name, Model: k.Model, Weights: k.Weights}
	for i, w := range k.Weights {
		if err := tr.SetParam(w.param(), c.weight(t, f, fmt.Sprintf("%s/init/%d.npy", k.Name, i), w)); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

// data returns all examples, those to train with and those to validate with, which may be nil.
func (k *kerasFit) data(t *testing.T, f *fixture) (all, train, val *data.Dataset) {
	must := func(d *data.Dataset, err error) *data.Dataset {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	inputs := func(prefix string) map[string]tensor.Any {
		in := map[string]tensor.Any{}
		for i, name := range k.Model.Inputs {
			in[name] = f.array(t, fmt.Sprintf("%s/%sx_%d.npy", k.Name, prefix, i))
		}
		return in
	}
	var weight tensor.Any
	if k.Weight {
		weight = f.array(t, k.Name+"/sample_weight.npy")
	}
	all = must(data.New(inputs(""), f.array(t, k.Name+"/y_0.npy"), weight))
	train = all
	if split := k.Fit.num("validation_split"); split > 0 {
		at := int(math.Floor(float64(all.Len()) * (1 - split)))
		train, val = must(all.Slice(0, at)), must(all.Slice(at, all.Len()))
	}
	if k.HasVal {
		val = must(data.New(inputs("val_"), f.array(t, k.Name+"/val_y_0.npy"), nil))
	}
	if w := k.Fit.sub("class_weight"); w != nil {
		classes := map[int64]float64{}
		for key := range w {
			c, err := strconv.ParseInt(key, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			classes[c] = w.num(key)
		}
		train = must(train.WithClassWeights(classes))
	}
	return all, train, val
}

func (k *kerasFit) batches(t *testing.T, d *data.Dataset) data.Source {
	t.Helper()
	s, err := d.Batches(data.BatchOptions{Size: k.Batch})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// buildCallback reads a callback's arguments by Keras's names.
func buildCallback(t *testing.T, o kerasObject) Callback {
	var args []string
	for key, v := range o.Config {
		args = append(args, fmt.Sprintf("%s=%v", key, v))
	}
	c, err := ParseCallback(o.Class + ":" + strings.Join(args, ","))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// renamed is a metric under the name that a fixture gives it.
type renamed struct {
	Metric
	name string
}

func (m renamed) Name() string { return m.name }

func buildMetrics(t *testing.T, list []kerasObject) (out []Metric) {
	for _, o := range list {
		out = append(out, renamed{buildMetric(t, o.Class, o.Config), o.Config.text("name")})
	}
	return out
}

func buildMetric(t *testing.T, class string, c settings) Metric {
	at := func(key string) *float64 {
		if v, ok := c[key].(float64); ok {
			return &v
		}
		return nil
	}
	switch class {
	case "BinaryAccuracy":
		return &metric.BinaryAccuracy{Threshold: at("threshold")}
	case "CategoricalAccuracy":
		return &metric.CategoricalAccuracy{}
	case "SparseCategoricalAccuracy":
		return &metric.SparseCategoricalAccuracy{}
	case "TopKCategoricalAccuracy":
		return &metric.TopKCategoricalAccuracy{K: c.int("k")}
	case "SparseTopKCategoricalAccuracy":
		return &metric.SparseTopKCategoricalAccuracy{K: c.int("k")}
	case "AUC":
		return &metric.AUC{
			Curve:         metric.Curve(slices.Index([]string{"ROC", "PR"}, c.text("curve"))),
			Summation:     metric.Summation(slices.Index([]string{"interpolation", "minoring", "majoring"}, c.text("summation_method"))),
			NumThresholds: c.int("num_thresholds"),
		}
	case "Precision":
		return &metric.Precision{Threshold: at("thresholds")}
	case "Recall":
		return &metric.Recall{Threshold: at("thresholds")}
	case "TruePositives":
		return &metric.TruePositives{}
	case "TrueNegatives":
		return &metric.TrueNegatives{}
	case "FalsePositives":
		return &metric.FalsePositives{}
	case "FalseNegatives":
		return &metric.FalseNegatives{}
	case "PrecisionAtRecall":
		return &metric.PrecisionAtRecall{Recall: c.num("recall"), NumThresholds: c.int("num_thresholds")}
	case "RecallAtPrecision":
		return &metric.RecallAtPrecision{Precision: c.num("precision"), NumThresholds: c.int("num_thresholds")}
	case "SensitivityAtSpecificity":
		return &metric.SensitivityAtSpecificity{Specificity: c.num("specificity"), NumThresholds: c.int("num_thresholds")}
	case "SpecificityAtSensitivity":
		return &metric.SpecificityAtSensitivity{Sensitivity: c.num("sensitivity"), NumThresholds: c.int("num_thresholds")}
	case "F1Score":
		return &metric.F1Score{Average: metric.Average(slices.Index([]string{"macro", "micro", "weighted"}, c.text("average")))}
	case "R2Score":
		return &metric.R2Score{}
	case "MeanAbsoluteError":
		return &metric.MeanAbsoluteError{}
	case "MeanSquaredError":
		return &metric.MeanSquaredError{}
	case "RootMeanSquaredError":
		return &metric.RootMeanSquaredError{}
	case "MeanAbsolutePercentageError":
		return &metric.MeanAbsolutePercentageError{}
	case "BinaryCrossentropy":
		return &metric.BinaryCrossentropy{}
	case "CategoricalCrossentropy":
		return &metric.CategoricalCrossentropy{}
	}
	t.Fatalf("metric %s", class)
	return nil
}
