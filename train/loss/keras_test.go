package loss

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/onnxtool/onnxtool/internal/autodiff"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// array is a tensor of testdata/keras/loss_values.json.gz; non-finite values are strings.
type array struct {
	Shape  []int
	DType  string
	Values []any
}

// UnmarshalJSON takes a number or a string as a scalar.
func (a *array) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '{' {
		a.Values = make([]any, 1)
		return json.Unmarshal(b, &a.Values[0])
	}
	type plain array
	return json.Unmarshal(b, (*plain)(a))
}

func (a *array) floats() []float64 {
	out := make([]float64, len(a.Values))
	for i, v := range a.Values {
		switch v := v.(type) {
		case float64:
			out[i] = v
		case string:
			out[i] = map[string]float64{"nan": math.NaN(), "inf": math.Inf(1), "-inf": math.Inf(-1)}[v]
		}
	}
	return out
}

func (a *array) tensor() tensor.Any {
	if a == nil {
		return nil
	}
	if a.DType == "int64" {
		out := make([]int64, len(a.Values))
		for i, v := range a.floats() {
			out[i] = int64(v)
		}
		return tensor.Must(out, a.Shape...)
	}
	out := make([]float32, len(a.Values))
	for i, v := range a.floats() {
		out[i] = float32(v)
	}
	return tensor.Must(out, a.Shape...)
}

type settings map[string]any

func (s settings) num(key string) float64 { v, _ := s[key].(float64); return v }
func (s settings) flag(key string) bool   { v, _ := s[key].(bool); return v }

type kerasLoss struct {
	Class     string `json:"class_name"`
	Config    settings
	Data      string
	PerSample *array `json:"per_sample"`
	Weight    *array `json:"sample_weight"`

	Sum, Mean                *array
	SumWeighted              *array `json:"sum_weighted"`
	SumOverBatchSize         *array `json:"sum_over_batch_size"`
	SumOverBatchSizeWeighted *array `json:"sum_over_batch_size_weighted"`
	MeanWithWeight           *array `json:"mean_with_sample_weight"`
	MeanWithWeightWeighted   *array `json:"mean_with_sample_weight_weighted"`
	Gradient                 *array
	GradientWeighted         *array `json:"gradient_weighted"`
}

// TestKerasValues holds every loss with every option against Keras: the loss of each sample, each reduction
// with and without weights, and the gradient.
func TestKerasValues(t *testing.T) {
	f, err := os.Open("../../testdata/keras/loss_values.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Data   map[string]struct{ Y_true, Y_pred *array }
		Losses []kerasLoss
	}
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	hubers := 0
	for i, k := range all.Losses {
		var l Loss
		if k.Class == "Huber" { // Keras does not write delta into the configuration; the table has these
			l = Huber{Delta: []float64{1, .3, 5}[hubers]}
			hubers++
		} else if k.Class == "CosineSimilarity" && len(k.PerSample.Values) == 3 {
			continue // over axis 0: not a loss by sample
		} else {
			l = ofConfig(t, k.Class, k.Config)
		}
		d := all.Data[k.Data]
		t.Run(fmt.Sprintf("%d_%s_%s", i, k.Class, k.Data), func(t *testing.T) {
			k.compare(t, l, d.Y_true.tensor(), d.Y_pred.tensor())
		})
	}
}

func ofConfig(t *testing.T, class string, c settings) Loss {
	t.Helper()
	logits, smoothing := c.flag("from_logits"), c.num("label_smoothing")
	switch class {
	case "MeanSquaredError":
		return MeanSquaredError{}
	case "MeanAbsoluteError":
		return MeanAbsoluteError{}
	case "MeanAbsolutePercentageError":
		return MeanAbsolutePercentageError{}
	case "MeanSquaredLogarithmicError":
		return MeanSquaredLogarithmicError{}
	case "LogCosh":
		return LogCosh{}
	case "CosineSimilarity":
		return CosineSimilarity{}
	case "Poisson":
		return Poisson{}
	case "Hinge":
		return Hinge{}
	case "SquaredHinge":
		return SquaredHinge{}
	case "CategoricalHinge":
		return CategoricalHinge{}
	case "KLDivergence":
		return KLDivergence{}
	case "BinaryCrossentropy":
		return BinaryCrossentropy{logits, smoothing}
	case "CategoricalCrossentropy":
		return CategoricalCrossentropy{logits, smoothing}
	case "SparseCategoricalCrossentropy":
		l := SparseCategoricalCrossentropy{FromLogits: logits}
		if v, ok := c["ignore_class"].(float64); ok {
			n := int(v)
			l.IgnoreClass = &n
		}
		return l
	case "BinaryFocalCrossentropy":
		return BinaryFocalCrossentropy{c.flag("apply_class_balancing"), c.num("alpha"), c.num("gamma"), logits, smoothing}
	case "CategoricalFocalCrossentropy":
		return CategoricalFocalCrossentropy{Alpha: c.num("alpha"), Gamma: c.num("gamma"), FromLogits: logits, LabelSmoothing: smoothing}
	case "CategoricalGeneralizedCrossEntropy":
		return CategoricalGeneralizedCrossEntropy{c.num("q")}
	case "Dice":
		return Dice{axes(c)}
	case "Tversky":
		return Tversky{c.num("alpha"), c.num("beta"), axes(c)}
	}
	t.Fatalf("loss %s", class)
	return nil
}

func axes(c settings) (out []int) {
	list, _ := c["axis"].([]any)
	for _, v := range list {
		out = append(out, int(v.(float64)))
	}
	return out
}

func (k *kerasLoss) compare(t *testing.T, l Loss, y, p tensor.Any) {
	want := func(what string, got tensor.Any, want *array, tol float64) {
		t.Helper()
		g, w := tensor.Data[float32](got), want.floats()
		if len(g) != len(w) {
			t.Fatalf("%s has shape %v, Keras's %v", what, got.Shape(), want.Shape)
		}
		for i, v := range g {
			if d := math.Abs(float64(v) - w[i]); d > tol*math.Max(math.Abs(w[i]), .1) || math.IsNaN(d) != math.IsNaN(w[i]) {
				t.Errorf("%s[%d] is %v, Keras's %v", what, i, v, w[i])
			}
		}
	}
	per, _ := evaluate(t, y, p, nil, false, func(b *Builder, y, p, _ *Value) *Value { return l.PerSample(b, y, p) })
	want("loss of sample", per, k.PerSample, 2e-6)
	for _, r := range []struct {
		name     string
		r        Reduction
		weighted bool
		want     *array
		gradient *array
	}{
		{"sum", Sum, false, k.Sum, nil},
		{"sum_weighted", Sum, true, k.SumWeighted, nil},
		{"sum_over_batch_size", SumOverBatchSize, false, k.SumOverBatchSize, k.Gradient},
		{"sum_over_batch_size_weighted", SumOverBatchSize, true, k.SumOverBatchSizeWeighted, k.GradientWeighted},
		{"mean_with_sample_weight", MeanWithSampleWeight, false, k.MeanWithWeight, nil},
		{"mean_with_sample_weight_weighted", MeanWithSampleWeight, true, k.MeanWithWeightWeighted, nil},
	} {
		var w tensor.Any
		if r.weighted {
			w = k.Weight.tensor()
		}
		got, grad := evaluate(t, y, p, w, r.gradient != nil, func(b *Builder, y, p, w *Value) *Value {
			return Total(b, Reduced{l, r.r}, y, p, w, nil)
		})
		want(r.name, got, r.want, 3e-6)
		if r.gradient != nil {
			want("gradient of "+r.name, grad, r.gradient, 1e-5)
		}
	}
}

// evaluate runs what emit emits and, where asked for, its gradient by the predictions.
func evaluate(t *testing.T, y, p, w tensor.Any, gradient bool, emit func(b *Builder, y, p, w *Value) *Value) (out, grad tensor.Any) {
	t.Helper()
	g := ir.New("loss")
	b := op.NewBuilder(g, ops.Set())
	feed := map[*ir.Value]tensor.Any{}
	input := func(name string, x tensor.Any) *ir.Value {
		if x == nil {
			return nil
		}
		shape := ir.KnownShape(x.Shape())
		if len(shape) > 0 {
			shape[0] = ir.Sym("batch")
		}
		v := g.AddInput(name, ir.Typed(x.DType(), shape...))
		feed[v] = x
		return v
	}
	yv, pv, wv := input("y", y), input("p", p), input("w", w)
	total := emit(b, yv, pv, wv)
	g.Outputs = []*ir.Value{total}
	if gradient {
		grads, err := autodiff.Gradients(b, total, []*ir.Value{pv})
		if err != nil {
			t.Fatal(err)
		}
		g.Outputs = append(g.Outputs, grads[0])
	}
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	vals, err := ops.Set().EvalGraph(context.Background(), g, feed, op.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	out = vals[total.ID]
	if gradient {
		grad = vals[g.Outputs[1].ID]
	}
	return out, grad
}
