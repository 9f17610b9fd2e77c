package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/internal/cases"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// torchLosses are PyTorch's losses by their names in torch/models.zip. That of the VAE is of three outputs.
var torchLosses = map[string]loss.Loss{
	"cross_entropy":        loss.SparseCategoricalCrossentropy{FromLogits: true},
	"cross_entropy_tokens": loss.SparseCategoricalCrossentropy{FromLogits: true},
	"mse":                  loss.MeanSquaredError{},
	"bce_logits":           loss.BinaryCrossentropy{FromLogits: true},
}

// TestGradientsArePyTorchs imports each whole model and does one step of SGD with rate 1: what the weights lose is
// the gradient that PyTorch's autograd gives, with batch normalisation as in evaluation and as in training.
func TestGradientsArePyTorchs(t *testing.T) {
	const file = "../testdata/torch/models.zip"
	a, err := cases.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	f := openFixture(t, file)
	models := 0
	for i := range a.Cases {
		c := &a.Cases[i]
		var doc struct {
			Loss       string
			Parameters []string
		}
		f.json(t, c.Name+"/train.json", &doc)
		if torchLosses[doc.Loss] == nil {
			continue
		}
		models++
		for _, mode := range []string{"eval", "train"} {
			t.Run(c.Name+"/"+mode, func(t *testing.T) {
				torchGradients(t, f, c, torchLosses[doc.Loss], doc.Parameters, mode)
			})
		}
	}
	if models < 20 {
		t.Errorf("%d models, want 20", models)
	}
}

// torchTrainer imports a model, with batch normalisation as in evaluation or in training, and returns its one batch.
func torchTrainer(t *testing.T, f *fixture, c *cases.Case, params []string, mode string, cfg Config) (*Trainer, *data.Batch) {
	t.Helper()
	m, err := c.Model()
	if err != nil {
		t.Fatal(err)
	}
	// A scale of the inputs and a single number are not taken for weights unless they are named.
	o := ImportOptions{Output: m.Graph.Output[0].Name, Unfreeze: params}
	normalised := slices.ContainsFunc(c.Ops, func(s string) bool { return s == "BatchNormalization" })
	if mode == "eval" && normalised {
		o.FreezeBatchNorm = []string{"*"}
	}
	im, err := Import(m, o)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Threads = 1
	tr, err := New(im.Net, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	b := &data.Batch{Inputs: map[string]tensor.Any{}, Target: f.array(t, c.Name+"/target.npy")}
	for k, v := range m.Graph.Input {
		x, err := c.Value(0, "input", k, v.Type)
		if err != nil {
			t.Fatal(err)
		}
		b.Inputs[v.Name], b.N = x, x.Shape()[0]
	}
	return tr, b
}

func torchGradients(t *testing.T, f *fixture, c *cases.Case, l loss.Loss, params []string, mode string) {
	tr, b := torchTrainer(t, f, c, params, mode, Config{Loss: l, Optimizer: optim.SGD{LearningRate: 1}})
	before := map[string]tensor.Any{}
	for _, p := range tr.Params() {
		before[p.Name] = tensor.CloneAny(p.Tensor)
	}
	if _, _, err := tr.Step(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, p := range tr.Params() {
		k := slices.Index(params, p.Name)
		if k < 0 {
			continue // running statistics
		}
		want := f.array(t, fmt.Sprintf("%s/grad_%s/%d.npy", c.Name, mode, k))
		was, now, grad := tensor.Data[float32](before[p.Name]), tensor.Data[float32](p.Tensor), tensor.Data[float32](want)
		for i, g := range grad {
			if got := float64(was[i] - now[i]); math.Abs(got-float64(g)) > 1e-5+1e-4*math.Abs(float64(g)) {
				t.Fatalf("gradient by %s[%d] is %v, PyTorch's %v", p.Name, i, got, g)
			}
		}
		compared++
	}
	if compared != len(params) {
		t.Errorf("%d of %d parameters are trained: %v", compared, len(params), missingOf(params, before))
	}
}

func missingOf(params []string, have map[string]tensor.Any) (out []string) {
	for _, p := range params {
		if have[p] == nil {
			out = append(out, p)
		}
	}
	return out
}
