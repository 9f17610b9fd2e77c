package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/internal/cases"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/optim"
)

// torchRun is a training of a whole model in torch/models.zip.
type torchRun struct {
	Name   string
	Config struct {
		LR, Momentum, Eps float64
		Nesterov          bool
		Decay             float64 `json:"weight_decay"`
	}
	Noise float64 // how far float64 is from it
}

// optimizer returns the run's.
func (r torchRun) optimizer() optim.Optimizer {
	c := r.Config
	switch r.Name {
	case "adam":
		return optim.Adam{LearningRate: c.LR, Epsilon: c.Eps, TorchEpsilon: true}
	case "adamw":
		return optim.AdamW{LearningRate: c.LR, Epsilon: c.Eps, TorchEpsilon: true, Options: optim.Options{WeightDecay: c.Decay}}
	}
	return optim.SGD{LearningRate: c.LR, Momentum: c.Momentum, Nesterov: c.Nesterov}
}

// torchFree are parameters by model whose exact gradient is zero, or in part, so that rounding alone moves them: a
// bias in front of the normalisation of each channel, and that of attention's keys.
var torchFree = map[string]string{"group_norm": "3.bias", "transformer_layer": "self_attn.in_proj_bias"}

// TestCurvesArePyTorchs trains the whole models for 50 steps with each optimizer of the fixtures: each step's loss
// is PyTorch's within 1e-4, or four times as far as PyTorch in float32 is from itself in float64.
func TestCurvesArePyTorchs(t *testing.T) {
	const file = "../testdata/torch/models.zip"
	a, err := cases.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	f := openFixture(t, file)
	for i := range a.Cases {
		c := &a.Cases[i]
		var doc struct {
			Loss       string
			Parameters []string
			Runs       []torchRun
		}
		f.json(t, c.Name+"/train.json", &doc)
		if torchLosses[doc.Loss] == nil {
			continue
		}
		for k, r := range doc.Runs {
			if testing.Short() && k != i%len(doc.Runs) {
				continue
			}
			t.Run(c.Name+"/"+r.Name, func(t *testing.T) {
				tr, b := torchTrainer(t, f, c, doc.Parameters, "eval", Config{Loss: torchLosses[doc.Loss], Optimizer: r.optimizer()})
				dir := c.Name + "/runs/" + r.Name
				tol := math.Max(1e-4, 4*r.Noise)
				want := tensor.Data[float32](f.array(t, dir+"/loss.npy"))
				for s, w := range want {
					got, _, err := tr.Step(context.Background(), b)
					if err != nil {
						t.Fatal(err)
					}
					if math.Abs(got-float64(w)) > tol*math.Max(math.Abs(float64(w)), 1e-3*float64(want[0])) {
						t.Fatalf("loss of step %d is %v, PyTorch's %v", s, got, w)
					}
				}
				for _, p := range tr.Params() {
					k := slices.Index(doc.Parameters, p.Name)
					if k < 0 || torchFree[c.Name] == p.Name {
						continue // running statistics too
					}
					for j, w := range tensor.Data[float32](f.array(t, fmt.Sprintf("%s/final/%d.npy", dir, k))) {
						if v := tensor.Data[float32](p.Tensor)[j]; math.Abs(float64(v-w)) > 5*tol*(1+math.Abs(float64(w))) {
							t.Fatalf("%s[%d] ends at %v, PyTorch's at %v", p.Name, j, v, w)
						}
					}
				}
			})
		}
	}
}
