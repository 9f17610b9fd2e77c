package train_test

import (
	"context"
	"runtime/debug"
	"testing"

	"github.com/onnxtool/onnxtool/internal/race"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
)

// steady trains for one epoch to warm up and returns a batch, which stays valid.
func steady(t testing.TB) (*train.Trainer, data.Source, *data.Batch) {
	j := job{epochs: 1, threads: 1}
	tr, src := j.trainer(t), j.source(t, 0, jobExamples)
	if _, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: 2}); err != nil {
		t.Fatal(err)
	}
	it, err := src.Epoch(0)
	if err != nil {
		t.Fatal(err)
	}
	b, err := it.Next()
	if err != nil {
		t.Fatal(err)
	}
	return tr, src, b
}

// TestStepAllocs: after the first steps nothing is allocated, dropout, running statistics, gradient
// accumulation, moving averages and all.
func TestStepAllocs(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	tr, _, b := steady(t)
	ctx := context.Background()
	n := testing.AllocsPerRun(50, func() {
		if _, _, err := tr.Step(ctx, b); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}

// TestFitAllocs holds an epoch's allocations against its number of steps: those that are left are of the epoch.
func TestFitAllocs(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties the kernels' pools
	j := job{threads: 1}
	allocs := func(examples int) float64 {
		tr, src := j.trainer(t), j.source(t, 0, examples)
		epoch := 2
		fit := func() {
			if _, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: epoch}); err != nil {
				t.Fatal(err)
			}
			epoch++
		}
		fit()
		return testing.AllocsPerRun(5, fit)
	}
	few, many := allocs(16*10), allocs(16*110)
	if per := (many - few) / 100; per > .3 { // ExactAUC keeps every score in a list that grows
		t.Errorf("%.2f allocations a step: %v in an epoch of 10, %v in one of 110", per, few, many)
	}
}

func BenchmarkStep(b *testing.B) {
	tr, _, batch := steady(b)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := tr.Step(ctx, batch); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFitEpoch(b *testing.B) {
	tr, src, _ := steady(b)
	b.ReportAllocs()
	epoch := 3
	for b.Loop() {
		if _, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: epoch}); err != nil {
			b.Fatal(err)
		}
		epoch++
	}
}

// BenchmarkTerminateOnNaN shows what the callback's copies cost beside BenchmarkFitEpoch.
func BenchmarkTerminateOnNaN(b *testing.B) {
	tr, src, _ := steady(b)
	b.ReportAllocs()
	epoch := 3
	for b.Loop() {
		if _, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: epoch, Callbacks: []train.Callback{&train.TerminateOnNaN{}}}); err != nil {
			b.Fatal(err)
		}
		epoch++
	}
}
