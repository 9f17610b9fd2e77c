package train

import (
	"context"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestMaskedLoss trains on series with padding: the loss is the mean over the steps that count, whatever the
// targets of the others are.
func TestMaskedLoss(t *testing.T) {
	build := func(mask bool) *Trainer {
		b := nn.NewBuilder(7)
		ids := b.Input(nn.Input{Name: "ids", Shape: []int{4}, DType: tensor.Int64})
		h := b.Apply(&nn.Embedding{InputDim: 5, OutputDim: 3, MaskZero: mask}, ids)
		h = b.Apply(&nn.GRU{Units: 3, ReturnSequences: true}, h)
		net, err := b.Net(b.Output("y", b.Apply(&nn.Dense{Units: 2, Activation: "softmax"}, h)))
		if err != nil {
			t.Fatal(err)
		}
		tr, err := New(net, Config{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.SGD{LearningRate: .1}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(tr.Close)
		return tr
	}
	step := func(tr *Trainer, ids, targets []int64) float64 {
		n := len(ids) / 4
		l, _, err := tr.Step(context.Background(), &data.Batch{
			Inputs: map[string]tensor.Any{"ids": tensor.Must(ids, n, 4)}, Target: tensor.Must(targets, n, 4), N: n,
		})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	ids := []int64{1, 2, 0, 0, 3, 4, 1, 0}
	a := step(build(true), ids, []int64{0, 1, 0, 0, 1, 0, 1, 0})
	b := step(build(true), ids, []int64{0, 1, 1, 1, 1, 0, 1, 1})
	if a != b {
		t.Errorf("targets of padding change the loss from %v to %v", a, b)
	}
	whole := 0.
	for _, c := range []struct {
		ids, targets []int64
		n            int
	}{{[]int64{1, 2, 0, 0}, []int64{0, 1, 0, 0}, 2}, {[]int64{3, 4, 1, 0}, []int64{1, 0, 1, 0}, 3}} {
		whole += step(build(true), c.ids, c.targets) * float64(c.n)
	}
	if math.Abs(whole/5-a) > 1e-6 {
		t.Errorf("loss %v, want the mean over 5 steps %v", a, whole/5)
	}
}
