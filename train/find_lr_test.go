package train_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestFindLearningRate finds a rate at which a line is learned, and leaves no trace.
func TestFindLearningRate(t *testing.T) {
	j := job{dir: t.TempDir(), epochs: 2}
	want, err := j.run(t, context.Background(), false)
	if err != nil {
		t.Fatal(err)
	}
	tr := j.trainer(t)
	before := fmt.Sprint(tensor.Bytes(tr.Params()[0].Tensor))
	sweep, err := tr.FindLearningRate(context.Background(), j.source(t, 0, jobExamples), train.LearningRateSweep{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(sweep.Rates); n < 50 || sweep.Rates[0] != 1e-7 || len(sweep.Losses) != n || len(sweep.Smooth) != n {
		t.Errorf("%d rates from %v", n, sweep.Rates[0])
	}
	if rate, err := sweep.Suggestion(); err != nil || rate < 1e-4 || rate > 1 {
		t.Errorf("suggestion %v: %v", rate, err)
	}
	if tr.Steps() != 0 || tr.LearningRate() != .05 || fmt.Sprint(tensor.Bytes(tr.Params()[0].Tensor)) != before {
		t.Errorf("the sweep left %d steps, rate %v", tr.Steps(), tr.LearningRate())
	}
	j.dir = t.TempDir()
	h, err := tr.Fit(context.Background(), j.source(t, 0, jobExamples), j.options(t))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := h.WriteCSV(&b); err != nil || !strings.HasPrefix(want, b.String()) {
		t.Errorf("a training after the sweep differs: %v", err)
	}
}

// TestSuggestion compares with numpy.gradient on a curve.
func TestSuggestion(t *testing.T) {
	l := &train.LearningRates{}
	for i := range 40 {
		x := float64(i) / 39
		l.Rates = append(l.Rates, math.Pow(10, -6+6*x))
		l.Smooth = append(l.Smooth, 1-.8/(1+math.Exp(-(x-.6)*20))+math.Max(0, x-.8)*30)
	}
	if rate, err := l.Suggestion(); err != nil || rate != l.Rates[23] { // numpy.gradient(Smooth[4:-5]).argmin() + 4
		t.Errorf("got %v: %v, want %v", rate, err, l.Rates[23])
	}
	short := &train.LearningRates{Rates: []float64{1, 2, 3}, Smooth: []float64{1, 2, 9}}
	if _, err := short.Suggestion(); err == nil || !strings.Contains(err.Error(), "diverged after 3 steps") {
		t.Error(err)
	}
	for i := range l.Smooth {
		l.Smooth[i] = float64(i)
	}
	if _, err := l.Suggestion(); err == nil || !strings.Contains(err.Error(), "never falls") {
		t.Error(err)
	}
}

// TestBadSweep names bounds that make no sense.
func TestBadSweep(t *testing.T) {
	tr, src := line(t, optim.SGD{})
	for _, o := range []train.LearningRateSweep{{Min: 1, Max: .1}, {Min: -1}, {Steps: 1}} {
		if _, err := tr.FindLearningRate(context.Background(), src, o); err == nil || !strings.Contains(err.Error(), "a sweep from learning rate") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
