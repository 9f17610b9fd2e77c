package train_test

import (
	"context"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestPenaltyWarmUp holds the weight of a penalty in each step against its formula: the loss is 5 times it.
func TestPenaltyWarmUp(t *testing.T) {
	b := nn.NewBuilder(1)
	x := b.Input(nn.Input{Name: "x", Shape: []int{1}})
	y := b.Output("y", b.Apply(&nn.Dense{Units: 1, KernelInitializer: nn.Zeros{}}, x))
	b.AddPenalty(nn.Penalty{
		Of: []*nn.Value{x}, WarmUp: 4,
		Emit: func(b *nn.Builder, of ...*nn.Value) *nn.Value {
			return b.Scale(b.Reduce("ReduceMean", of[0], false), 5)
		},
	})
	net, err := b.Net(y)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(net, train.Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	d, err := data.New(map[string]tensor.Any{"x": tensor.Must([]float32{1, 1}, 2, 1)}, tensor.Zeros[float32](2, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	src, err := d.Batches(data.BatchOptions{Size: 2})
	if err != nil {
		t.Fatal(err)
	}
	h, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: 6, Validation: src})
	if err != nil {
		t.Fatal(err)
	}
	for step, row := range h.Epochs {
		if want := 5 * min(1, float64(step)/4); math.Abs(row[0]-want) > 1e-6 {
			t.Errorf("loss of step %d is %v, want %v", step, row[0], want)
		}
		if math.Abs(row[1]-5) > 1e-6 {
			t.Errorf("loss without training after step %d is %v, want 5", step, row[1])
		}
	}
}
