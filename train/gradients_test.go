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

// TestGradients holds the derivatives against what a step of gradient descent takes off the parameters, with
// dropout and running statistics on the way, and finds that they change nothing.
func TestGradients(t *testing.T) {
	net, err := nn.Sequential(3, nn.Input{Shape: []int{4}},
		&nn.Dense{Units: 8, Activation: "relu", KernelRegularizer: nn.L2(.1)}, &nn.BatchNormalization{}, &nn.Dropout{Rate: .5}, &nn.Dense{Units: 1, Activation: "sigmoid"})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(net, train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.SGD{LearningRate: .5}, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	x, y := tensor.Zeros[float32](6, 4), tensor.Zeros[float32](6, 1)
	for i := range x.Data() {
		x.Data()[i] = float32(math.Sin(float64(3 * i)))
	}
	for i := range y.Data() {
		y.Data()[i] = float32(i % 2)
	}
	b := &data.Batch{Inputs: map[string]tensor.Any{net.Graph.Inputs[0].Name: x}, Target: y}
	ctx := context.Background()
	if _, _, err := tr.Step(ctx, b); err != nil { // not at the first step
		t.Fatal(err)
	}
	before := map[string][]float32{}
	for _, p := range tr.Params() {
		before[p.Name] = append([]float32(nil), tensor.Data[float32](p.Tensor)...)
	}
	l, by, err := tr.Gradients(ctx, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range tr.Params() {
		for i, v := range tensor.Data[float32](p.Tensor) {
			if v != before[p.Name][i] {
				t.Fatalf("%s has changed", p.Name)
			}
		}
	}
	stepLoss, _, err := tr.Step(ctx, b)
	if err != nil || l != stepLoss {
		t.Errorf("loss %v, the step's is %v; error %v", l, stepLoss, err)
	}
	if len(by) != 6 {
		t.Errorf("%d derivatives, want 6", len(by))
	}
	after := map[string][]float32{}
	for _, p := range tr.Params() {
		after[p.Name] = tensor.Data[float32](p.Tensor)
	}
	for _, g := range by {
		for i, d := range tensor.Data[float32](g.Tensor) {
			if took := before[g.Name][i] - after[g.Name][i]; math.Abs(float64(took-.5*d)) > 1e-6 {
				t.Errorf("%s[%d]: derivative %v, but the step took %v off", g.Name, i, d, took)
			}
		}
	}
}
