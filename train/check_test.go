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

// lossOf and nextOf are a loss and an optimizer of what a function emits.
type lossOf func(b *loss.Builder, yTrue, yPred *loss.Value) *loss.Value

func (lossOf) Name() string { return "own" }
func (f lossOf) PerSample(b *loss.Builder, yTrue, yPred *loss.Value) *loss.Value {
	return f(b, yTrue, yPred)
}

type nextOf func(s *optim.Step) *optim.Value

func (nextOf) Name() string                        { return "own" }
func (nextOf) Rate() float64                       { return .1 }
func (f nextOf) Update(s *optim.Step) *optim.Value { return f(s) }

// misused returns a network of one layer, its configuration and data for it.
func misused(t *testing.T, x tensor.Any) (*nn.Net, Config, data.Source) {
	t.Helper()
	net, err := nn.Sequential(1, nn.Input{Shape: []int{4}}, &nn.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	d, err := data.New(map[string]tensor.Any{"input": x}, tensor.Zeros[float32](8, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	src, err := d.Batches(data.BatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return net, Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{}}, src
}

// TestMisuse holds that what cannot be trained is an error that says why.
func TestMisuse(t *testing.T) {
	good := tensor.Zeros[float32](8, 4)
	for _, c := range []struct {
		name   string
		x      tensor.Any
		change func(net **nn.Net, c *Config, src *data.Source, o *FitOptions)
		want   string
	}{
		{"no net", good, func(net **nn.Net, _ *Config, _ *data.Source, _ *FitOptions) { *net = nil }, "no network is given"},
		{"zero net", good, func(net **nn.Net, _ *Config, _ *data.Source, _ *FitOptions) { *net = &nn.Net{} }, "no network is given"},
		{"rate NaN", good, func(_ **nn.Net, c *Config, _ *data.Source, _ *FitOptions) {
			c.Optimizer = optim.SGD{LearningRate: math.NaN()}
		}, "learning rate NaN"},
		{"metric nil", good, func(_ **nn.Net, c *Config, _ *data.Source, _ *FitOptions) { c.Metrics = []Metric{nil} }, "a metric is nil"},
		{"output misspelt", good, func(_ **nn.Net, c *Config, _ *data.Source, _ *FitOptions) {
			c.More = []OutputLoss{{Output: "none", Target: "y", Loss: loss.MeanSquaredError{}}}
		}, `the network has no output "none"`},
		{"output twice", good, func(net **nn.Net, c *Config, _ *data.Source, _ *FitOptions) {
			c.More = []OutputLoss{{Output: (*net).Graph.Outputs[0].Name, Target: "y", Loss: loss.MeanSquaredError{}}}
		}, "has a loss already"},
		{"no data", good, func(_ **nn.Net, _ *Config, src *data.Source, _ *FitOptions) { *src = nil }, "no data to train on"},
		{"epochs below 0", good, func(_ **nn.Net, _ *Config, _ *data.Source, o *FitOptions) { o.Epochs = -3 }, "Epochs is -3"},
		{"callback nil", good, func(_ **nn.Net, _ *Config, _ *data.Source, o *FitOptions) { o.Callbacks = []Callback{nil} }, "callback 0 is nil"},
		{"checkpoint nowhere", good, func(_ **nn.Net, _ *Config, _ *data.Source, o *FitOptions) { o.Callbacks = []Callback{&Checkpoint{}} }, "Checkpoint has no Path"},
		{"log nowhere", good, func(_ **nn.Net, _ *Config, _ *data.Source, o *FitOptions) { o.Callbacks = []Callback{&CSVLogger{}} }, "CSVLogger has no Filename"},
		{"width", tensor.Zeros[float32](8, 5), nil, "input input is f32[8,5], the network reads f32[batch,4]"},
		{"type", tensor.Zeros[float64](8, 4), nil, "input input is f64[8,4], the network reads f32[batch,4]"},
		{"loss nil", good, func(_ **nn.Net, c *Config, _ *data.Source, _ *FitOptions) {
			c.Loss = lossOf(func(*loss.Builder, *loss.Value, *loss.Value) *loss.Value { return nil })
		}, "loss own: PerSample returns nil"},
		{"loss of each number", good, func(_ **nn.Net, c *Config, _ *data.Source, _ *FitOptions) {
			c.Loss = lossOf(func(b *loss.Builder, y, p *loss.Value) *loss.Value { return b.Sub(y, p) })
		}, "loss own: PerSample gives f32[batch,1] of predictions f32[batch,1]: the last axis must be gone"},
		{"update nil", good, func(_ **nn.Net, c *Config, _ *data.Source, _ *FitOptions) {
			c.Optimizer = nextOf(func(*optim.Step) *optim.Value { return nil })
		}, "optimizer own: Update returns nil for dense/kernel"},
		{"update of another shape", good, func(_ **nn.Net, c *Config, _ *data.Source, _ *FitOptions) {
			c.Optimizer = nextOf(func(s *optim.Step) *optim.Value { return s.LearningRate })
		}, "the next value of dense/kernel is f32[], expected f32[4,1]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			net, cfg, src := misused(t, c.x)
			var o FitOptions
			if c.change != nil {
				c.change(&net, &cfg, &src, &o)
			}
			tr, err := New(net, cfg)
			if err == nil {
				defer tr.Close()
				_, err = tr.Fit(t.Context(), src, o)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// TestBusyTrainer holds that a trainer that is closed, or within Fit, says so.
func TestBusyTrainer(t *testing.T) {
	net, cfg, src := misused(t, tensor.Zeros[float32](8, 4))
	tr, err := New(net, cfg)
	if err != nil {
		t.Fatal(err)
	}
	again := &LambdaCallback{OnEpochEnd: func(ctx context.Context, t *Trainer, _ Epoch) error {
		_, err := t.Fit(ctx, src, FitOptions{})
		return err
	}}
	if _, err := tr.Fit(t.Context(), src, FitOptions{Callbacks: []Callback{again}}); err == nil || !strings.Contains(err.Error(), "Fit is under way") {
		t.Errorf("Fit within Fit: %v", err)
	}
	if _, err := tr.Fit(t.Context(), src, FitOptions{Epochs: 2}); err != nil {
		t.Errorf("Fit after that: %v", err)
	}
	tr.Close()
	tr.Close()
	if _, err := tr.Fit(t.Context(), src, FitOptions{Epochs: 3}); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("Fit after Close: %v", err)
	}
	if _, err := tr.Predict(t.Context(), map[string]tensor.Any{"input": tensor.Zeros[float32](8, 4)}); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("Predict after Close: %v", err)
	}
	if _, err := tr.Model(ExportOptions{}); err != nil {
		t.Errorf("export after Close: %v", err)
	}
	if _, err := tr.Model(ExportOptions{Opset: 99}); err == nil || !strings.Contains(err.Error(), "opset 99") {
		t.Errorf("export of a future opset: %v", err)
	}
}

// TestFigureNames holds that a history has no name twice.
func TestFigureNames(t *testing.T) {
	net, cfg, _ := misused(t, tensor.Zeros[float32](8, 4))
	own := func(name string) Metric { return metric.Named(name, &metric.MeanSquaredError{}) }
	cfg.Metrics = []Metric{own("a"), own("a"), own("a_1"), own("a"), own("loss")}
	cfg.WeightedMetrics = []Metric{own("a"), own("b")}
	tr, err := New(net, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if got, want := strings.Join(tr.figureNames(false), " "), "loss a a_1 a_1_1 a_2 loss_1 weighted_a b"; got != want {
		t.Errorf("names %q, want %q", got, want)
	}
}
