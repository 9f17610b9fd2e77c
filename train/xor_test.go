package train_test

import (
	"context"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestXOR trains the smallest network that needs a hidden layer, exports it and runs the export.
func TestXOR(t *testing.T) {
	net, err := nn.Sequential(3, nn.Input{Shape: []int{2}},
		&nn.Dense{Units: 8, Activation: "tanh"},
		&nn.Dense{Units: 1, Activation: "sigmoid"})
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.Must([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	y := tensor.Must([]float32{0, 1, 1, 0}, 4, 1)
	ds, err := data.New(map[string]tensor.Any{"input": x}, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(net, train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{LearningRate: .05}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	src, err := ds.Batches(data.BatchOptions{Size: 4, Shuffle: true, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	h, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: 500})
	if err != nil {
		t.Fatal(err)
	}
	if last, _ := h.Last("loss"); last > .05 {
		t.Fatalf("loss %v after 500 steps", last)
	}
	m, err := tr.Model(train.ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(context.Background(), map[string]tensor.Any{"input": x})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range tensor.Data[float32](out["output"]) {
		if want := y.Data()[i]; p < want-.2 || p > want+.2 {
			t.Errorf("row %d is %v, want %v", i, p, want)
		}
	}
}
