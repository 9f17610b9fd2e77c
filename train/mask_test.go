package train

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/metric"
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

// TestMaskedMetrics trains and evaluates on series with padding: metrics that are means leave out the padding's steps,
// with the weights of examples or without; the others see all.
func TestMaskedMetrics(t *testing.T) {
	ids := []int64{1, 2, 0, 0, 3, 4, 1, 0}
	targets := []int64{0, 1, 0, 1, 1, 0, 1, 1}
	batch := &data.Batch{
		Inputs: map[string]tensor.Any{"ids": tensor.Must(ids, 2, 4)}, Target: tensor.Must(targets, 2, 4),
		Weight: tensor.Must([]float32{2, .5}, 2), N: 2,
	}
	b := nn.NewBuilder(7)
	in := b.Input(nn.Input{Name: "ids", Shape: []int{4}, DType: tensor.Int64})
	h := b.Apply(&nn.GRU{Units: 3, ReturnSequences: true}, b.Apply(&nn.Embedding{InputDim: 5, OutputDim: 3, MaskZero: true}, in))
	net, err := b.Net(b.Output("y", b.Apply(&nn.Dense{Units: 2, Activation: "softmax"}, h)))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := New(net, Config{
		Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.SGD{LearningRate: .1},
		Metrics:         []Metric{&metric.Auto{}, &metric.SparseCategoricalCrossentropy{}},
		WeightedMetrics: []Metric{&metric.Auto{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	out, err := tr.stepOutputs(context.Background(), batch)
	if err != nil {
		t.Fatal(err)
	}
	tr.resetMetrics()
	if err := tr.follow(batch, out); err != nil {
		t.Fatal(err)
	}
	mask := []float64{1, 1, 0, 0, 1, 1, 1, 0}
	weights := []float64{2, 2, 0, 0, .5, .5, .5, 0}
	for i, c := range []struct {
		m Metric
		w []float64
	}{{&metric.Auto{}, mask}, {&metric.SparseCategoricalCrossentropy{}, mask}, {&metric.Auto{}, weights}} {
		if err := c.m.Update(batch.Target, out[1], tensor.Must(c.w, 2, 4)); err != nil {
			t.Fatal(err)
		}
		if got, want := tr.figures[i].Result(), c.m.Result(); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v, want %v over the steps that count", tr.figures[i].Name(), got, want)
		}
	}
	doc, err := tr.StepModel(batch)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range doc.Graph.Output[2:] {
		if !strings.HasSuffix(o.Name, "/next") {
			t.Errorf("the exported step has the output %s beside loss and prediction", o.Name)
		}
	}
}
