package train_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestCheckpointEvery saves seldom, but always in the end.
func TestCheckpointEvery(t *testing.T) {
	net, err := nn.Sequential(1, nn.Input{Shape: []int{2}}, &nn.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	ds, err := data.New(map[string]tensor.Any{"input": tensor.Zeros[float32](4, 2)}, tensor.Zeros[float32](4, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	src, err := ds.Batches(data.BatchOptions{Size: 2})
	if err != nil {
		t.Fatal(err)
	}
	fresh := func() *train.Trainer {
		tr, err := train.New(net, train.Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(tr.Close)
		return tr
	}
	c := &train.Checkpoint{Path: filepath.Join(t.TempDir(), "c.npz"), Every: time.Hour}
	saved := []int{}
	watch := epochEnd(func() { saved = append(saved, c.Epoch()) })
	if _, err := fresh().Fit(context.Background(), src, train.FitOptions{Epochs: 5, Callbacks: []train.Callback{c, watch}}); err != nil {
		t.Fatal(err)
	}
	for i, n := range saved {
		if n != 0 { // that of the beginning
			t.Errorf("after epoch %d the checkpoint is of %d, want 0", i+1, n)
		}
	}
	tr := fresh()
	if err := tr.LoadCheckpoint(c.Path); err != nil || tr.Epoch() != 5 || c.Epoch() != 5 {
		t.Errorf("the last checkpoint is of epoch %d, %d, want 5: %v", tr.Epoch(), c.Epoch(), err)
	}
}

type epochEnd func()

func (f epochEnd) EpochEnd(context.Context, *train.Trainer, train.Epoch) error {
	f()
	return nil
}
