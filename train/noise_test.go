package train

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestNoise looks at what random layers do to ones (0.5 for AlphaDropout) in a training step: mean, variance,
// and that prediction and export leave them out.
func TestNoise(t *testing.T) {
	for _, c := range []struct {
		name           string
		layer          nn.Layer
		mean, variance float64
	}{
		{"Dropout", &nn.Dropout{Rate: .25}, 1, .25 / .75},
		{"SpatialDropout", &nn.SpatialDropout{Rate: .25}, 1, .25 / .75},
		{"GaussianNoise", &nn.GaussianNoise{Stddev: .5}, 1, .25},
		{"GaussianDropout", &nn.GaussianDropout{Rate: .2}, 1, .25},
	} {
		t.Run(c.name, func(t *testing.T) {
			const n, steps, channels = 64, 4, 32
			b := nn.NewBuilder(1)
			x := b.Input(nn.Input{Name: "x", Shape: []int{steps, channels}})
			y := b.Apply(c.layer, x)
			one := b.Param("one", nil, nn.Ones{})
			net, err := b.Net(b.Output("y", b.Mul(y, one.Value)))
			if err != nil {
				t.Fatal(err)
			}
			tr, err := New(net, Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: 1e-9}, Seed: 5})
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			ones := tensor.Zeros[float32](n, steps, channels)
			for i := range ones.Data() {
				ones.Data()[i] = 1
			}
			in := map[string]tensor.Any{"x": ones}
			_, pred, err := tr.Step(context.Background(), &data.Batch{Inputs: in, Target: ones, N: n})
			if err != nil {
				t.Fatal(err)
			}
			var sum, sq float64
			for _, v := range tensor.Data[float32](pred) {
				sum += float64(v)
				sq += float64(v) * float64(v)
			}
			count := float64(pred.Len())
			mean := sum / count
			if v := sq/count - mean*mean; math.Abs(mean-c.mean) > .05 || math.Abs(v-c.variance) > .05 {
				t.Errorf("mean %v, variance %v; want %v, %v", mean, v, c.mean, c.variance)
			}
			out, err := tr.Predict(context.Background(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range tensor.Data[float32](out[0]) {
				if math.Abs(float64(v)-1) > 1e-5 {
					t.Fatalf("prediction %v, want 1", v)
				}
			}
			m, err := tr.Model(ExportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range m.Graph.Node {
				if strings.Contains(n.OpType, "Random") {
					t.Errorf("the export draws: %s", n.OpType)
				}
			}
		})
	}
}

// TestSampling trains the sampling layer of a variational autoencoder towards the unit normal distribution
// by its divergence alone.
func TestSampling(t *testing.T) {
	b := nn.NewBuilder(1)
	x := b.Input(nn.Input{Name: "x", Shape: []int{4}})
	mean := b.Apply(&nn.Dense{Name: "mean", Units: 2, BiasInitializer: nn.Constant{Value: 2}}, x)
	logVariance := b.Apply(&nn.Dense{Name: "log_variance", Units: 2, BiasInitializer: nn.Constant{Value: -2}}, x)
	z := b.Apply(&nn.Sampling{KLWeight: 1, Deterministic: true}, mean, logVariance)
	net, err := b.Net(b.Output("z", b.Mul(z, b.Scalar(z, 0))))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := New(net, Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.Adam{LearningRate: .1}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	batch := &data.Batch{Inputs: map[string]tensor.Any{"x": tensor.Zeros[float32](8, 4)}, Target: tensor.Zeros[float32](8, 2), N: 8}
	var first, last float64
	for i := range 200 {
		l, _, err := tr.Step(context.Background(), batch)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = l
		}
		last = l
	}
	// 2 * -1/2*(1 - 2 - 4 - e^-2) nats at the start.
	if want := 5 + math.Exp(-2); math.Abs(first-want) > 1e-4 || last > 1e-3 {
		t.Errorf("divergence goes from %v to %v, want %v to 0", first, last, want)
	}
	m, err := tr.Model(ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range m.Graph.Node {
		if n.OpType == "Exp" || strings.Contains(n.OpType, "Random") {
			t.Errorf("the export has %s", n.OpType)
		}
	}
}

// TestEvaluationNoise evaluates a network that draws outside training too: each batch draws its own, each call the
// same, another seed another.
func TestEvaluationNoise(t *testing.T) {
	const n, size = 64, 16
	evaluate := func(seed uint64, examples int) float64 {
		b := nn.NewBuilder(1)
		x := b.Input(nn.Input{Name: "x", Shape: []int{1}})
		one := b.Param("one", nil, nn.Ones{})
		y := b.Mul(b.Apply(&nn.Sampling{}, x, b.Scale(x, 2)), one.Value)
		net, err := b.Net(b.Output("y", y))
		if err != nil {
			t.Fatal(err)
		}
		tr, err := New(net, Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{}, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		zeros := tensor.Zeros[float32](examples, 1)
		ds, err := data.New(map[string]tensor.Any{"x": zeros}, zeros, nil)
		if err != nil {
			t.Fatal(err)
		}
		src, err := ds.Batches(data.BatchOptions{Size: size})
		if err != nil {
			t.Fatal(err)
		}
		var row []float64
		for k := range 2 {
			again, err := tr.Evaluate(context.Background(), src)
			if err != nil {
				t.Fatal(err)
			}
			if k == 1 && again[0] != row[0] {
				t.Errorf("two calls give %v and %v", row[0], again[0])
			}
			row = again
		}
		return row[0]
	}
	if one, all := evaluate(1, size), evaluate(1, n); one == all {
		t.Errorf("one batch and several have the mean loss %v: they draw the same", one)
	}
	if a, b := evaluate(1, n), evaluate(2, n); a == b {
		t.Errorf("two seeds give %v", a)
	}
}
