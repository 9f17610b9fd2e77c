package train_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestStepsPerEpoch holds which batches epochs of so many steps have against what Keras's EpochIterator gives for
// arrays, in one Fit, and in one that ends in the middle and another that goes on.
func TestStepsPerEpoch(t *testing.T) {
	ds, err := data.New(map[string]tensor.Any{"input": tensor.Must([]float32{0, 1, 2, 3, 4, 5, 6}, 7, 1)}, tensor.Zeros[float32](7, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	batches, err := ds.Batches(data.BatchOptions{Size: 2})
	if err != nil {
		t.Fatal(err)
	}
	src, err := data.Prefetch(batches, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		steps int
		want  string // batches by their first example
	}{
		{0, "0 2 4 6|0 2 4 6|0 2 4 6|0 2 4 6|0 2 4 6"},
		{1, "0|2|4|6|0"},
		{2, "0 2|4 6|0 2|4 6|0 2"},
		{3, "0 2 4|6|0 2 4|6|0 2 4"},
		{4, "0 2 4 6|0 2 4 6|0 2 4 6|0 2 4 6|0 2 4 6"},
		{9, "0 2 4 6|0 2 4 6|0 2 4 6|0 2 4 6|0 2 4 6"},
	} {
		for stop := range 5 {
			var seen []string
			watch := &train.LambdaCallback{
				OnEpochBegin: func(context.Context, *train.Trainer, int) error { seen = append(seen, ""); return nil },
				OnBatchBegin: func(_ context.Context, _ *train.Trainer, b *data.Batch) error {
					seen[len(seen)-1] += fmt.Sprintf(" %v", tensor.Data[float32](b.Inputs["input"])[0])
					return nil
				},
			}
			tr, _ := line(t, optim.SGD{LearningRate: .001})
			for _, epochs := range []int{stop, 5} {
				o := train.FitOptions{Epochs: epochs, StepsPerEpoch: c.steps, Validation: src, ValidationSteps: 3, Callbacks: []train.Callback{watch}}
				if epochs == 0 {
					continue
				}
				if _, err := tr.Fit(context.Background(), src, o); err != nil {
					t.Fatal(err)
				}
			}
			if got := strings.ReplaceAll(strings.Join(seen, "|"), "| ", "|")[1:]; got != c.want {
				t.Errorf("%d steps, stopped after epoch %d: %s, want %s", c.steps, stop, got, c.want)
			}
		}
	}
}

// TestValidationSteps evaluates on the first batches alone.
func TestValidationSteps(t *testing.T) {
	tr, src := line(t, optim.SGD{LearningRate: 1e-9})
	ds, err := data.New(map[string]tensor.Any{"input": tensor.Zeros[float32](4, 1)}, tensor.Must([]float32{1, 2, 3, 100}, 4, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	val, err := ds.Batches(data.BatchOptions{Size: 1})
	if err != nil {
		t.Fatal(err)
	}
	h, err := tr.Fit(context.Background(), src, train.FitOptions{Validation: val, ValidationSteps: 2})
	if err != nil {
		t.Fatal(err)
	}
	if v := h.Epochs[0][1]; v < 2.49 || v > 2.51 {
		t.Errorf("val_loss %v, want 2.5, the mean of 1 and 4", v)
	}
	for _, o := range []train.FitOptions{{StepsPerEpoch: -1}, {ValidationSteps: 1}, {OverfitBatches: -1}} {
		if _, err := tr.Fit(context.Background(), src, o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
