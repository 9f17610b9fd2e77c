package train

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// firstStep returns loss and prediction of the first step of a layer on zeros as targets and inputs of a pattern.
func firstStep(t *testing.T, layer nn.Layer, shape ...int) (value float64, pred tensor.Any) {
	t.Helper()
	const n = 6
	b := nn.NewBuilder(3)
	x := b.Apply(&nn.Dense{Units: shape[len(shape)-1]}, b.Input(nn.Input{Name: "x", Shape: shape}))
	net, err := b.Net(b.Output("y", b.ApplyAll(layer, x)[0]))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := New(net, Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: 1e-9}, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	in := tensor.Zeros[float32](append([]int{n}, shape...)...)
	for i := range in.Data() {
		in.Data()[i] = float32(i%13)/6 - 1
	}
	feed := map[string]tensor.Any{"x": in}
	out, err := tr.Predict(context.Background(), feed)
	if err != nil {
		t.Fatal(err)
	}
	target := tensor.Zeros[float32](out[0].Shape()...)
	value, pred, err = tr.Step(context.Background(), &data.Batch{Inputs: feed, Target: target, N: n})
	if err != nil {
		t.Fatal(err)
	}
	return value, pred
}

// TestActivity holds the loss of a step against the mean square of the output and, for each of a layer's outputs
// as in Keras's Layer.__call__, the penalty's sum over the size of the batch.
func TestActivity(t *testing.T) {
	reg := nn.L1L2{L1: .25, L2: .5}
	for _, c := range []struct {
		layer   nn.Layer
		outputs float64 // how many there are that equal the first
	}{
		{&nn.ActivityRegularization{L1: .25, L2: .5}, 1},
		{&nn.SimpleRNN{Units: 3, ActivityRegularizer: reg}, 1},
		{&nn.GRU{Units: 3, ReturnState: true, ActivityRegularizer: reg}, 2},
		{&nn.LSTM{Units: 3, ReturnSequences: true, ActivityRegularizer: reg}, 1},
		{&nn.LSTM{Units: 3, RecurrentDropout: .5, ReturnSequences: true, ActivityRegularizer: reg}, 1},
	} {
		t.Run(fmt.Sprintf("%T", c.layer), func(t *testing.T) {
			got, pred := firstStep(t, c.layer, 4, 5)
			var abs, sq float64
			for _, v := range tensor.Data[float32](pred) {
				abs += math.Abs(float64(v))
				sq += float64(v) * float64(v)
			}
			want := sq/float64(pred.Len()) + c.outputs*(.25*abs+.5*sq)/float64(pred.Shape()[0])
			if math.Abs(got-want) > 1e-5*want {
				t.Errorf("loss %v, want %v", got, want)
			}
		})
	}
}

// TestNoiseShape looks for the zeros that dropout leaves: the same in all places along a shared axis, and not
// in all along another.
func TestNoiseShape(t *testing.T) {
	const batch, steps, features = 6, 8, 16
	for _, c := range []struct {
		shape  []int
		shared [3]bool
	}{
		{[]int{0, 1, features}, [3]bool{false, true, false}},
		{[]int{0, steps, 1}, [3]bool{false, false, true}},
		{[]int{1, 0, 0}, [3]bool{true, false, false}},
		{nil, [3]bool{}},
	} {
		_, pred := firstStep(t, &nn.Dropout{Rate: .5, NoiseShape: c.shape}, steps, features)
		y := tensor.Data[float32](pred)
		dropped := func(i, j, k int) bool { return y[(i*steps+j)*features+k] == 0 }
		same := [3]bool{true, true, true}
		zeros := 0
		for i := range batch {
			for j := range steps {
				for k := range features {
					d := dropped(i, j, k)
					same[0] = same[0] && d == dropped(0, j, k)
					same[1] = same[1] && d == dropped(i, 0, k)
					same[2] = same[2] && d == dropped(i, j, 0)
					if d {
						zeros++
					}
				}
			}
		}
		if same != c.shared {
			t.Errorf("NoiseShape %v: one draw along axes %v, want %v", c.shape, same, c.shared)
		}
		if zeros < pred.Len()*3/10 || zeros > pred.Len()*7/10 {
			t.Errorf("NoiseShape %v: %d of %d are zero", c.shape, zeros, pred.Len())
		}
	}
}
