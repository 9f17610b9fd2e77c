package train_test

import (
	"reflect"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

type lossInGo struct{ loss.MeanSquaredError }

func (lossInGo) Name() string { return "mine" }

// TestRecipeWritten trains nothing, and reads what the exported model says of its training.
func TestRecipeWritten(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  train.Config
		want train.Recipe
	}{
		"one output": {
			train.Config{
				Loss: loss.Huber{Delta: .5}, LossWeight: 2, Optimizer: optim.SGD{Momentum: .9}, Metrics: []train.Metric{metric.Named("error", &metric.MeanAbsoluteError{})},
				WeightedMetrics: []train.Metric{&metric.AUC{Curve: metric.PR}},
			},
			train.Recipe{
				Loss: "huber:delta=0.5", LossWeight: 2, Optimizer: "sgd:momentum=0.9", LearningRate: .01,
				Metrics: []train.RecipeMetric{{Metric: "mean_absolute_error", Name: "error"}, {Metric: "auc:curve=pr", Name: "auc", Weighted: true}},
			},
		},
		"schedule": {
			train.Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.Adam{Options: optim.Options{ClipNorm: 1, Schedule: optim.ExponentialDecay{InitialLearningRate: .1, DecaySteps: 10, DecayRate: .5}}}},
			train.Recipe{Loss: "mean_squared_error", Optimizer: "adam:clipnorm=1", Schedule: "exponential_decay:initial_learning_rate=0.1,decay_steps=10,decay_rate=0.5"},
		},
		"two outputs": {
			train.Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.Adam{}, More: []train.OutputLoss{{Output: "b", Target: "y", Loss: loss.LogCosh{}, Weight: .5, Metrics: []train.Metric{&metric.Auto{}}}}},
			train.Recipe{Optimizer: "adam", LearningRate: .001, Outputs: []train.RecipeOutput{
				{Output: "a", Loss: "mean_squared_error", Weight: 1},
				{Output: "b", Loss: "log_cosh", Weight: .5, Metrics: []train.RecipeMetric{{Metric: "accuracy", Name: "accuracy"}}},
			}},
		},
		"in Go": {
			train.Config{Loss: lossInGo{}, Optimizer: optim.Adam{}},
			train.Recipe{Optimizer: "adam", LearningRate: .001, Notes: []string{"loss mine of output a: made in Go"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := nn.NewBuilder(0)
			x := b.Input(nn.Input{Name: "x", Shape: []int{2}})
			out := []*nn.Value{b.Apply(&nn.Dense{Units: 1}, x), b.Apply(&nn.Dense{Units: 1}, x)}
			out[0].Name, out[1].Name = "a", "b"
			net, err := b.Net(out...)
			if err != nil {
				t.Fatal(err)
			}
			tr, err := train.New(net, c.cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			m, err := tr.Model(train.ExportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			hasRecipe(t, m, c.want)
		})
	}
}

// TestRecipeRenewed fine-tunes a model twice, as its metadata says and otherwise.
func TestRecipeRenewed(t *testing.T) {
	b := nn.NewBuilder(0)
	net, err := b.Net(b.Apply(&nn.Dense{Units: 1}, b.Input(nn.Input{Name: "x", Shape: []int{2}})))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(net, train.Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.Adam{}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	m, err := tr.Model(train.ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const key = "keras.compile"
	m.MetadataProps = onnxio.SetMetadata(m.MetadataProps, key, "{}")
	again := func(cfg train.Config) *onnxio.Model {
		t.Helper()
		im, err := train.Import(m, train.ImportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		tr, err := train.New(im.Net, cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		out, err := im.Model(tr)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	same := again(train.Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.Adam{LearningRate: .001}})
	if !reflect.DeepEqual(same.MetadataProps, m.MetadataProps) {
		t.Errorf("the same training left %v", same.MetadataProps)
	}
	other := again(train.Config{Loss: loss.LogCosh{}, Optimizer: optim.Adam{LearningRate: .01}})
	hasRecipe(t, other, train.Recipe{Loss: "log_cosh", Optimizer: "adam", LearningRate: .01})
	if text, ok := onnxio.Metadata(other.MetadataProps, key); ok {
		t.Errorf("%s is still %s", key, text)
	}
	if _, ok := onnxio.Metadata(m.MetadataProps, key); !ok {
		t.Error("the source has changed")
	}
}

func hasRecipe(t *testing.T, m *onnxio.Model, want train.Recipe) {
	t.Helper()
	got, err := train.RecipeOf(m)
	if err != nil {
		t.Fatal(err)
	}
	if got == nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
