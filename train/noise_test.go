package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestNoise looks at what random layers do to ones in training steps: mean and variance, what one draw is shared by,
// that else draws know nothing of each other, over samples, channels and steps, and that prediction and export
// leave them out.
func TestNoise(t *testing.T) {
	const low = -1.7580993408473766 // of SELU, to which AlphaDropout sets what it drops
	a := 1 / math.Sqrt(.8*(1+.2*low*low))
	for _, c := range []struct {
		layer          nn.Layer
		space          []int // axes between batch and channels, one draw for all of them if shared
		shared         bool
		mean, variance float64
	}{
		{&nn.Dropout{Rate: .25}, []int{3}, false, 1, .25 / .75},
		{&nn.Dropout{Rate: .1, NoiseShape: []int{0, 1, 0}}, []int{3}, true, 1, .1 / .9},
		{&nn.SpatialDropout{Rate: .25}, []int{4}, true, 1, .25 / .75},
		{&nn.SpatialDropout{Rate: .5}, []int{3, 2}, true, 1, 1},
		{&nn.SpatialDropout{Rate: .4}, []int{2, 3, 2}, true, 1, .4 / .6},
		{&nn.GaussianNoise{Stddev: .5}, []int{3}, false, 1, .25},
		{&nn.GaussianDropout{Rate: .2}, []int{3}, false, 1, .25},
		{&nn.AlphaDropout{Rate: .2}, []int{3}, false, a * .8, a * a * .2 * .8 * (1 - low) * (1 - low)},
		{&nn.AlphaDropout{Rate: .2, NoiseShape: []int{0, 1, 0}}, []int{3}, true, a * .8, a * a * .2 * .8 * (1 - low) * (1 - low)},
	} {
		t.Run(fmt.Sprintf("%T%v", c.layer, c.space), func(t *testing.T) {
			n := newRandomNet(t, c.layer, c.space)
			first, second := n.step(t), n.step(t)
			mean, variance := moments(first)
			if math.Abs(mean-c.mean) > .02 || math.Abs(variance-c.variance) > .05*c.variance {
				t.Errorf("mean %v, variance %v; want %v, %v", mean, variance, c.mean, c.variance)
			}
			apart := len(first) / noisySamples
			for name, r := range map[string]float64{
				"steps": correlation(first, second), "samples": correlation(first[apart:], first), "channels": correlation(first[1:], first),
			} {
				if !(math.Abs(r) < .04) {
					t.Errorf("the draws of two %s are correlated: %v", name, r)
				}
			}
			if r := correlation(first[noisyChannels:apart], first); c.shared && r < .999 || !c.shared && math.Abs(r) > .2 {
				t.Errorf("the draws of two places have the correlation %v; shared: %v", r, c.shared)
			}
			n.outside(t)
		})
	}
}

const noisySamples, noisyChannels = 64, 256

// randomNet is a net of one layer, and the ones that go in.
type randomNet struct {
	tr   *Trainer
	ones *tensor.Tensor[float32]
}

func newRandomNet(t *testing.T, layer nn.Layer, space []int) *randomNet {
	t.Helper()
	shape := append(slices.Clone(space), noisyChannels)
	b := nn.NewBuilder(1)
	y := b.Apply(layer, b.Input(nn.Input{Name: "x", Shape: shape}))
	one := b.Param("one", nil, nn.Ones{})
	net, err := b.Net(b.Output("y", b.Mul(y, one.Value)))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := New(net, Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: 1e-9}, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	ones := tensor.Zeros[float32](append([]int{noisySamples}, shape...)...)
	for i := range ones.Data() {
		ones.Data()[i] = 1
	}
	return &randomNet{tr, ones}
}

// step returns what the layer makes of ones in a step of training.
func (n *randomNet) step(t *testing.T) []float32 {
	t.Helper()
	_, y, err := n.tr.Step(context.Background(), &data.Batch{Inputs: map[string]tensor.Any{"x": n.ones}, Target: n.ones, N: noisySamples})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(tensor.Data[float32](y))
}

// outside checks that ones stay ones outside training.
func (n *randomNet) outside(t *testing.T) {
	t.Helper()
	out, err := n.tr.Predict(context.Background(), map[string]tensor.Any{"x": n.ones})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range tensor.Data[float32](out[0]) {
		if math.Abs(float64(v)-1) > 1e-5 {
			t.Fatalf("prediction %v, want 1", v)
		}
	}
	m, err := n.tr.Model(ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range m.Graph.Node {
		if strings.Contains(n.OpType, "Random") {
			t.Errorf("the export draws: %s", n.OpType)
		}
	}
}

func moments(x []float32) (mean, variance float64) {
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / float64(len(x))
	}
	return mean, variance
}

// correlation is that of x with as many of y.
func correlation(x, y []float32) float64 {
	y = y[:len(x)]
	mx, vx := moments(x)
	my, vy := moments(y)
	sum := 0.
	for i := range x {
		sum += (float64(x[i]) - mx) * (float64(y[i]) - my)
	}
	return sum / float64(len(x)) / math.Sqrt(vx*vy)
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
