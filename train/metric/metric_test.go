package metric

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func matrix(columns int, v ...float32) tensor.Any {
	return tensor.Must(v, len(v)/columns, columns)
}

func vector(v ...float32) tensor.Any { return tensor.Vector(v...) }

var notNumber = float32(math.NaN())

// TestByHand has small cases whose results are worked out by hand.
func TestByHand(t *testing.T) {
	class1 := 1
	for _, c := range []struct {
		name    string
		m       Metric
		t, p, w tensor.Any
		want    float64
	}{
		{"one dimension", &MeanSquaredError{}, vector(1, 2, 3), vector(1, 2, 5), nil, 4. / 3},
		{"weights", &MeanAbsoluteError{}, vector(1, 2), vector(2, 4), vector(3, 1), 1.25},
		{"weights [n,1]", &MeanAbsoluteError{}, matrix(2, 1, 2, 3, 4), matrix(2, 2, 3, 3, 4), matrix(1, 1, 3), .25},
		{"weight 0", &MeanAbsoluteError{}, vector(1, 2), vector(2, 4), vector(0, 0), 0},
		{"rmse", &RootMeanSquaredError{}, vector(0, 0), vector(3, 4), nil, math.Sqrt(12.5)},
		{"huber", &Huber{}, vector(0, 0), vector(.5, 3), nil, (.125 + 2.5) / 2},
		{"huber, delta", &Huber{Delta: At(2)}, vector(0), vector(3), nil, 4},
		{"logcosh of a large error", &LogCosh{}, vector(0), vector(1e30), nil, float64(float32(1e30))},
		{"types", &Accuracy{}, tensor.Vector[int32](1, 2, 3), tensor.Vector[uint8](1, 2, 4), nil, 2. / 3},
		{"bools", &BinaryAccuracy{}, tensor.Vector(true, false), tensor.Vector(.7, .6), nil, .5},
		{"halves", &MeanSquaredError{}, tensor.Vector(tensor.ToHalf(1.5)), tensor.Vector(tensor.ToBHalf(1)), nil, .25},
		{"threshold is exclusive", &TruePositives{}, vector(1, 1), vector(.5, .51), nil, 1},
		{"threshold 0", &TruePositives{Threshold: At(0)}, vector(1, 1, 1), vector(-1, 0, 1), nil, 1},
		{"no positives", &Precision{}, vector(1), vector(0), nil, 0},
		{"one class", &Recall{Class: &class1}, matrix(2, 0, 1, 0, 1), matrix(2, 0, .9, .9, .1), nil, .5},
		{"specificity 0", &SensitivityAtSpecificity{}, vector(0, 1, 1), vector(.2, .3, .9), nil, 1},
		{"perfect auc", &AUC{}, vector(0, 0, 1, 1), vector(.1, .2, .7, .8), nil, 1},
		{"reversed auc", &ExactAUC{}, vector(1, 1, 0, 0), vector(.1, .2, .7, .8), nil, 0},
		{"ties in exact auc", &ExactAUC{}, vector(0, 1), vector(.5, .5), nil, .5},
		{"exact auc, infinite scores", &ExactAUC{}, vector(0, 1, 1), vector(float32(math.Inf(-1)), 0, float32(math.Inf(1))), nil, 1},
		{"average precision", &ExactAUC{Curve: PR}, vector(1, 0, 1), vector(.9, .8, .7), nil, (1 + 2./3) / 2},
		{"r2 of the mean", &R2Score{}, vector(1, 2, 3), vector(2, 2, 2), nil, 0},
		{"r2 of a constant", &R2Score{}, vector(2, 2), vector(2, 3), nil, 0},
		{"cosine of nothing", &CosineSimilarity{}, matrix(2, 0, 0), matrix(2, 1, 1), nil, 0},
		{"cross-entropy of certainty", &BinaryCrossentropy{}, vector(1), vector(0), nil, -math.Log(lowest)},
		{"cross-entropy of a large logit", &BinaryCrossentropy{FromLogits: true}, vector(0), vector(1000), nil, 1000},
		{"f1", &F1Score{Threshold: At(.5)}, matrix(1, 1, 1, 0), matrix(1, .9, .1, .9), nil, .5},
		{"accuracy of [n]", &Auto{}, vector(1, 0), vector(.9, .8), nil, .5},
		{"accuracy of classes", &Auto{}, matrix(2, 1, 0, 0, 1), matrix(2, .9, .1, .8, .2), nil, .5},
		{"crossentropy of [n]", &Crossentropy{}, vector(1, 0), vector(.5, .5), nil, math.Ln2},
		{"crossentropy of classes", &Crossentropy{}, matrix(2, 1, 0, 0, 1), matrix(2, .25, .75, .25, .75), nil, (math.Log(4) + math.Log(4./3)) / 2},
		{"crossentropy of numbers", &Crossentropy{}, tensor.Vector[int64](0, 1), matrix(2, .25, .75, .25, .75), nil, (math.Log(4) + math.Log(4./3)) / 2},
		{"accuracy of numbers", &Auto{}, tensor.Vector[int64](0, 1), matrix(2, .9, .1, .8, .2), nil, .5},
		{"no examples", &MeanSquaredError{}, matrix(1), matrix(1), nil, 0},
		{"top k takes the first of equals", &Precision{TopK: 1}, matrix(2, 0, 1), matrix(2, .5, .5), nil, 0},
	} {
		if err := c.m.Update(c.t, c.p, c.w); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := c.m.Result(); math.Abs(got-c.want) > 1e-6*math.Max(1, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// everyMetric returns each metric there is with data of a shape it takes.
func everyMetric(t *testing.T) map[string]Metric {
	t.Helper()
	all := map[string]Metric{}
	for _, name := range Names() {
		arg := ""
		if strings.Contains(name, "_at_") {
			arg = ":0.5"
		}
		if strings.Contains(name, "io_u") && name != "binary_io_u" {
			arg = ":num_classes=2"
		}
		m, err := Parse(name + arg)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = m
	}
	return all
}

// inputs returns targets and predictions of two examples and two classes that the metric takes.
func inputs(name string) (yTrue, yPred tensor.Any) {
	if strings.HasPrefix(name, "sparse") {
		return tensor.Vector[int64](1, 0), matrix(2, .25, .75, .5, .5)
	}
	return matrix(2, 0, 1, 1, 0), matrix(2, .25, .75, .6, .4)
}

func TestNaNSurfaces(t *testing.T) {
	for name, m := range everyMetric(t) {
		yTrue, yPred := inputs(name)
		floats := tensor.CloneAny(yPred)
		tensor.Data[float32](floats)[3] = notNumber
		weight := vector(1, notNumber)
		for what, in := range map[string][3]tensor.Any{"a prediction": {yTrue, floats, nil}, "a weight": {yTrue, yPred, weight}} {
			m.Reset()
			if err := m.Update(in[0], in[1], in[2]); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if got := m.Result(); !math.IsNaN(got) {
				t.Errorf("%s is %v where %s is NaN", name, got, what)
			}
			m.Reset()
			if err := m.Update(yTrue, yPred, nil); err != nil || math.IsNaN(m.Result()) {
				t.Errorf("%s is %v after a reset: %v", name, m.Result(), err)
			}
		}
		if strings.HasPrefix(name, "sparse") {
			continue
		}
		bad := tensor.CloneAny(yTrue)
		tensor.Data[float32](bad)[0] = notNumber
		m.Reset()
		if err := m.Update(bad, yPred, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := m.Result(); !math.IsNaN(got) {
			t.Errorf("%s is %v where a target is NaN", name, got)
		}
	}
}

func TestShapeErrors(t *testing.T) {
	column, flat := matrix(1, 1, 0), vector(1, 0)
	for name, m := range everyMetric(t) {
		yTrue, yPred := inputs(name)
		if err := m.Update(yTrue, yPred, nil); err != nil {
			t.Fatal(err)
		}
		before := m.Result()
		for what, in := range map[string][3]tensor.Any{
			"[n] and [n,1]":   {flat, column, nil},
			"scalars":         {tensor.Scalar[float32](1), tensor.Scalar[float32](1), nil},
			"other rows":      {matrix(2, 1, 0), matrix(2, 1, 0, 0, 1), nil},
			"other weights":   {yTrue, yPred, vector(1, 2, 3)},
			"scalar weight":   {yTrue, yPred, tensor.Scalar[float32](1)},
			"text":            {yTrue, tensor.Must([]string{"a", "b", "c", "d"}, 2, 2), nil},
			"weights of text": {yTrue, yPred, tensor.Vector("a", "b")},
		} {
			if strings.HasPrefix(name, "sparse") && what == "[n] and [n,1]" {
				continue // one class: a shape that fits
			}
			err := m.Update(in[0], in[1], in[2])
			if !errors.Is(err, ErrShape) && !errors.Is(err, ErrValue) {
				t.Errorf("%s, %s: got %v", name, what, err)
			}
			if got := m.Result(); got != before {
				t.Errorf("%s, %s: the result changed from %v to %v", name, what, before, got)
			}
		}
	}
	err := (&MeanSquaredError{}).Update(flat, column, nil)
	if want := "shapes do not fit: targets f32[2], predictions f32[2,1]: give the targets the shape [2,1]"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	err = (&MeanSquaredError{}).Update(column, flat, nil)
	if want := "shapes do not fit: targets f32[2,1], predictions f32[2]: give the targets the shape [2]"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestValueErrors(t *testing.T) {
	t2, p2 := matrix(2, 0, 1, 1, 0), matrix(2, .25, .75, .5, .5)
	sparse := func(v ...int64) tensor.Any { return tensor.Vector(v...) }
	class := 2
	for _, c := range []struct {
		m    Metric
		t, p tensor.Any
		want string
	}{
		{&SparseCategoricalAccuracy{}, sparse(0, 2), p2, "target 1 is 2, but there are the classes 0 to 1"},
		{&SparseCategoricalAccuracy{}, sparse(-1, 0), p2, "target 0 is -1"},
		{&SparseCategoricalAccuracy{}, vector(.5, 0), p2, "target 0 is 0.5"},
		{&SparseCategoricalCrossentropy{}, vector(notNumber, 0), p2, "target 0 is NaN"},
		{&SparseCategoricalAccuracy{}, sparse(0), vector(1), "have no column for each class"},
		{&CategoricalAccuracy{}, vector(0), vector(1), "have no column for each class"},
		{&CategoricalCrossentropy{}, vector(0), vector(1), "have no column for each class"},
		{&TopKCategoricalAccuracy{}, vector(0), vector(1), "have no column for each class"},
		{&TopKCategoricalAccuracy{K: -1}, t2, p2, "the best -1"},
		{&SparseTopKCategoricalAccuracy{K: -1}, sparse(0, 1), p2, "the best -1"},
		{&Precision{TopK: 3}, t2, p2, "the best 3 of predictions [2,2]"},
		{&Precision{Class: &class}, t2, p2, "class 2 of predictions [2,2]"},
		{&Precision{Threshold: At(math.NaN())}, t2, p2, "the threshold is NaN"},
		{&AUC{NumThresholds: 1}, t2, p2, "1 thresholds"},
		{&AUC{NumThresholds: 1 << 30}, t2, p2, "1073741824 thresholds"},
		{&AUC{Thresholds: []float64{2}}, t2, p2, "threshold 2 is outside [0,1]"},
		{&AUC{Curve: 9}, t2, p2, "no such curve"},
		{&AUC{LabelWeights: []float64{1}}, t2, p2, "1 label weights for predictions [2,2]"},
		{&AUC{MultiLabel: true}, vector(0), vector(1), "are [n,labels], got [1]"},
		{&ExactAUC{Curve: PRGain}, t2, p2, "an exact area is of ROC or PR"},
		{&PrecisionAtRecall{Recall: 1.5}, t2, p2, "1.5 is outside [0,1]"},
		{&PrecisionAtRecall{NumThresholds: -1}, t2, p2, "-1 thresholds"},
		{&PrecisionAtRecall{Class: &class}, t2, p2, "class 2"},
		{&FBetaScore{}, vector(0), vector(1), "must be [n,c]"},
		{&FBetaScore{Beta: -1}, t2, p2, "beta -1"},
		{&R2Score{Regressors: -1}, t2, p2, "-1 regressors"},
		{&R2Score{}, tensor.Zeros[float32](1, 1, 1), tensor.Zeros[float32](1, 1, 1), "must be [n] or [n,c]"},
		{&MeanSquaredError{}, tensor.Zeros[float32](2, 0), tensor.Zeros[float32](2, 0), "for 0 values of 2 examples"},
		{&CategoricalAccuracy{}, tensor.Zeros[float32](2, 0), tensor.Zeros[float32](2, 0), "hold nothing"},
	} {
		err := c.m.Update(c.t, c.p, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, ErrShape) && !errors.Is(err, ErrValue) {
			t.Errorf("%s: got %v, want %s", c.m.Name(), err, c.want)
		}
	}
	for _, m := range []Metric{&AUC{MultiLabel: true}, &FBetaScore{}, &R2Score{}} {
		if err := m.Update(t2, p2, nil); err != nil {
			t.Fatal(err)
		}
		if err := m.Update(matrix(3, 1, 0, 0), matrix(3, 1, 0, 0), nil); err == nil || !strings.Contains(err.Error(), "after batches of 2") {
			t.Errorf("%s: got %v", m.Name(), err)
		}
	}
}

func TestNamesAndDirections(t *testing.T) {
	for name, m := range everyMetric(t) {
		if m.Name() != name {
			t.Errorf("%s is named %s", name, m.Name())
		}
		higher, known := HigherIsBetter(m)
		counted := strings.HasPrefix(name, "true_") || strings.HasPrefix(name, "false_")
		if known == counted {
			t.Errorf("%s: a direction is known: %v", name, known)
		}
		loss := strings.Contains(name, "error") || strings.Contains(name, "entropy") || strings.Contains(name, "hinge") ||
			strings.Contains("kl_divergence poisson logcosh huber", name)
		if known && higher == loss {
			t.Errorf("%s: higher is better: %v", name, higher)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, shown, kind string }{
		{"mse", "mse", "*metric.MeanSquaredError"},
		{"MeanSquaredError", "MeanSquaredError", "*metric.MeanSquaredError"},
		{"mean_squared_error", "mean_squared_error", "*metric.MeanSquaredError"},
		{"AUC", "AUC", "*metric.AUC"},
		{"auc:pr", "auc", "*metric.AUC"},
		{"accuracy", "accuracy", "*metric.Auto"},
		{"acc", "acc", "*metric.Auto"},
		{"ce", "ce", "*metric.Crossentropy"},
		{"F1Score", "F1Score", "*metric.F1Score"},
		{"FBetaScore:2", "fbeta_score", "*metric.FBetaScore"},
		{"R2Score", "R2Score", "*metric.R2Score"},
		{"KLDivergence", "KLDivergence", "*metric.KLDivergence"},
		{"LogCoshError", "LogCoshError", "*metric.LogCosh"},
		{"TopKCategoricalAccuracy:3", "top_k_categorical_accuracy", "*metric.TopKCategoricalAccuracy"},
		{"precision:0.3", "precision", "*metric.Precision"},
		{"auc:curve=PR,num_thresholds=50,name=prauc", "prauc", "*metric.AUC"},
		{"mse:name=error", "error", "*metric.MeanSquaredError"},
		{"MeanIoU:num_classes=3", "mean_io_u", "*metric.MeanIoU"},
		{"precision_at_recall:0.9", "precision_at_recall", "*metric.PrecisionAtRecall"},
	} {
		m, err := Parse(c.name)
		if err != nil {
			t.Error(err)
			continue
		}
		inner := m
		if n, ok := m.(*named); ok {
			inner = n.Metric
		}
		if kind := fmt.Sprintf("%T", inner); m.Name() != c.shown || kind != c.kind {
			t.Errorf("%s: got %s %s, want %s %s", c.name, m.Name(), kind, c.shown, c.kind)
		}
	}
	if m, _ := Parse("precision:0.3"); *m.(*Precision).Threshold != .3 {
		t.Error("the threshold is lost")
	}
	for _, c := range []struct{ name, want string }{
		{"acuracy", `there is no metric "acuracy", did you mean "accuracy"?; there are accuracy, auc,`},
		{"PresicionAtRecall", `did you mean "precision_at_recall"?`},
		{"", `there is no metric ""`},
		{"mse:3", "metric mse:3: it takes arguments by name after a colon, if any"},
		{"auc:", "metric auc:: after the colon goes its curve"},
		{"auc:xyz", `there is no curve "xyz", only roc, pr, prgain`},
		{"precision:x", `thresholds: "x" is not a number`},
		{"precision:nan", `"nan" is not a number`},
		{"precision:thresholds=[0.2,0.4]", "2 thresholds would be 2 figures: give a metric for each"},
		{"auc:class_id=1", `auc has no argument "class_id"`},
		{"iou:target_class_ids=[0]", "io_u: needs its num_classes"},
		{"cosine_similarity:axis=1", "axis=1 is not supported, only -1"},
		{"precision_at_recall", "precision_at_recall: needs its recall"},
		{"top_k_categorical_accuracy:0", `k=0 must be at least 1`},
	} {
		if _, err := Parse(c.name); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

func TestMean(t *testing.T) {
	var m Mean
	m.Add(1, 3)
	m.Add(5, 1)
	if m.Result() != 2 {
		t.Errorf("got %v", m.Result())
	}
	m.Reset()
	if m.Result() != 0 {
		t.Errorf("got %v after a reset", m.Result())
	}
}

func TestPoints(t *testing.T) {
	var s Scores
	if _, err := s.Points(); err == nil {
		t.Error("no scores are no error")
	}
	if err := s.Update(vector(1, 0, 1, 0), vector(.9, .7, .7, .1), vector(1, 2, 3, 4)); err != nil || s.Len() != 4 {
		t.Fatal(err)
	}
	points, err := s.Points()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%.3g", points), "[{+Inf 0 0 6 4} {0.9 1 0 6 3} {0.7 4 2 4 0} {0.1 4 6 0 0}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p := points[2]
	for name, c := range map[string][2]float64{
		"recall": {p.Recall(), 1}, "precision": {p.Precision(), 4. / 6}, "specificity": {p.Specificity(), 4. / 6},
		"false positives": {p.FalsePositiveRate(), 2. / 6}, "f1": {p.F1(), .8}, "queue": {p.QueueRate(), .6}, "accuracy": {p.Accuracy(), .8},
		"precision of nothing": {points[0].Precision(), 1},
	} {
		if math.Abs(c[0]-c[1]) > 1e-12 {
			t.Errorf("%s: got %v, want %v", name, c[0], c[1])
		}
	}
	if best := BestThreshold(points, Point.F1); math.Abs(best.Threshold-.7) > 1e-6 {
		t.Errorf("the best threshold is %v", best.Threshold)
	}
	for _, c := range []struct{ threshold, tp float64 }{{2, 0}, {.9, 1}, {.8, 1}, {.5, 4}, {0, 4}} {
		threshold := float64(float32(c.threshold))
		if got := AtThreshold(points, threshold); got.TP != c.tp || got.Threshold != threshold {
			t.Errorf("at %v: %+v", c.threshold, got)
		}
	}
	s.Reset()
	if err := s.Update(vector(1), vector(notNumber), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Points(); !errors.Is(err, ErrValue) {
		t.Errorf("NaN: got %v", err)
	}
	one := &ExactAUC{}
	if err := one.Update(vector(1, 1), vector(.2, .3), nil); err != nil || !math.IsNaN(one.Result()) {
		t.Errorf("without negatives the area is %v: %v", one.Result(), err)
	}
}

func TestConfusion(t *testing.T) {
	for _, c := range []struct {
		name string
		m    Confusion
		t, p tensor.Any
		want string
	}{
		{"scores", Confusion{}, vector(0, 1, 1), vector(.2, .9, .5), "[[1 0] [1 1]]"},
		{"threshold", Confusion{Threshold: At(.1)}, matrix(1, 0, 1, 1), matrix(1, .2, .9, .5), "[[0 1] [0 2]]"},
		{"numbers", Confusion{Classes: 3}, tensor.Vector[int64](0, 2), tensor.Vector[int32](1, 2), "[[0 1 0] [0 0 0] [0 0 1]]"},
		{"labels", Confusion{Labels: []string{"a", "b", "c"}}, tensor.Vector[int64](0, 2), tensor.Vector[int32](1, 2), "[[0 1 0] [0 0 0] [0 0 1]]"},
		{"columns", Confusion{}, tensor.Vector[int64](0, 1), matrix(2, .4, .6, .1, .9), "[[0 1] [0 1]]"},
		{"bools", Confusion{}, tensor.Vector(true, false), tensor.Vector(true, true), "[[0 1] [0 1]]"},
	} {
		if err := c.m.Update(c.t, c.p, nil); err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := fmt.Sprint(c.m.Matrix()); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		m    Confusion
		t, p tensor.Any
		want string
	}{
		{Confusion{}, vector(0), matrix(1), "shapes do not fit: targets f32[1], predictions f32[0,1]"},
		{Confusion{}, tensor.Vector[int64](2), tensor.Vector[int64](0), "target 0 is 2, but there are the classes 0 to 1"},
		{Confusion{}, tensor.Vector[int64](0), tensor.Vector[int64](2), "prediction 0 is 2"},
		{Confusion{}, vector(0), vector(notNumber), "a prediction is NaN"},
		{Confusion{}, matrix(2, 0, notNumber), matrix(2, 0, 1), "a target is NaN"},
		{Confusion{}, matrix(3, 0, 1, 0), matrix(2, 0, 1), "targets f32[1,3], predictions f32[1,2]"},
		{Confusion{Classes: 1 << 20}, vector(0), vector(1), "1048576 classes"},
		{Confusion{Classes: 2, Labels: []string{"a", "b", "c"}}, vector(0), vector(1), "2 classes for predictions f32[1] and 3 labels"},
		{Confusion{}, tensor.Scalar[float32](0), tensor.Scalar[float32](0), "must be [n] or [n,c]"},
		{Confusion{}, vector(0), tensor.Vector("a"), "cannot be measured"},
	} {
		if err := c.m.Update(c.t, c.p, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	m := Confusion{Labels: []string{"no", "yes"}}
	if m.Accuracy() != 0 || !math.IsNaN(m.Kappa()) || len(m.Matrix()) != 0 {
		t.Error("an empty table")
	}
	if err := m.Update(vector(0, 1, 1), vector(.2, .9, .5), vector(1, 2, .5)); err != nil {
		t.Fatal(err)
	}
	if err := m.Update(vector(0, 1), vector(.2), nil); err == nil {
		t.Error("other lengths are no error")
	}
	want := "true \\ predicted   no  yes\n               no    1    0\n              yes  0.5    2\n"
	if got := m.String(); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	m.Reset()
	if len(m.Report()) != 0 {
		t.Error("a table after a reset")
	}
}

func BenchmarkAUC(b *testing.B) {
	n := 10_000
	yTrue, yPred := tensor.Zeros[float32](n, 1), tensor.Zeros[float32](n, 1)
	for i := range n {
		yTrue.Data()[i] = float32(i % 2)
		yPred.Data()[i] = float32(i*7919%n) / float32(n)
	}
	m := &AUC{}
	for b.Loop() {
		if err := m.Update(yTrue, yPred, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mpredictions/s")
}
