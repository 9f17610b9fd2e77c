package train

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// torchSlots are PyTorch's names of an optimizer's state and ours.
var torchSlots = map[string]string{
	"momentum_buffer": "momentum", "exp_avg": "momentum", "exp_avg_sq": "velocity", "exp_inf": "norm", "sum": "accumulator",
	"square_avg": "velocity", "grad_avg": "average_gradient", "acc_delta": "accumulated_delta_var",
}

var torchShapes = map[string][]int{"w": {3, 4}, "b": {4}, "v": {4, 1}}

// TestTorchSingleSteps takes step 26 of each optimizer from the parameters and the state that torch.optim has come
// to: the parameters behind it are PyTorch's within 1e-5.
func TestTorchSingleSteps(t *testing.T) {
	f, err := os.Open("../testdata/torch/optim.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Runs []struct {
			Spec          string
			X, Y          []float32
			Before, After map[string][]float32
			State         map[string]map[string][]float32
		}
	}
	if err := json.NewDecoder(z).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	for _, r := range doc.Runs {
		t.Run(r.Spec, func(t *testing.T) {
			tr := torchStepNet(t, r.Spec)
			o := tr.cfg.Optimizer
			for name, v := range r.Before {
				if err := tr.SetParam(name, tensor.Must(v, torchShapes[name]...)); err != nil {
					t.Fatal(err)
				}
				for slot, s := range r.State[name] {
					tr.setTorchSlot(o, name, slot, s)
				}
			}
			tr.steps = 25
			b := &data.Batch{Inputs: map[string]tensor.Any{"x": tensor.Must(r.X, 8, 3)}, Target: tensor.Must(r.Y, 8, 1), N: 8}
			if _, _, err := tr.Step(context.Background(), b); err != nil {
				t.Fatal(err)
			}
			for _, p := range tr.Params() {
				want := r.After[p.Name]
				for i, got := range tensor.Data[float32](p.Tensor) {
					if math.Abs(float64(got-want[i])) > 1e-5*math.Max(.1, math.Abs(float64(want[i]))) {
						t.Errorf("%s[%d] is %v, PyTorch's %v", p.Name, i, got, want[i])
					}
				}
			}
		})
	}
}

func torchStepNet(t *testing.T, spec string) *Trainer {
	m, err := onnxio.ParseText(`<ir_version: 8, opset_import: ["" : 17]>
net (float[N,3] x) => (float[N,1] y) <float[3,4] w = {0,0,0,0,0,0,0,0,0,0,0,0}, float[4] b = {0,0,0,0}, float[4,1] v = {0,0,0,0}> {
	p = MatMul (x, w)
	s = Add (p, b)
	h = Tanh (s)
	y = MatMul (h, v)
}`)
	if err != nil {
		t.Fatal(err)
	}
	im, err := Import(m, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o, err := optim.Parse(spec, 0)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := New(im.Net, Config{Loss: loss.MeanSquaredError{}, Optimizer: o})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

// setTorchSlot sets a slot from PyTorch's state. There the learning rate is a factor of momentum that is added to a
// parameter.
func (t *Trainer) setTorchSlot(o optim.Optimizer, param, slot string, v []float32) {
	switch name := torchSlots[slot]; {
	case slot == "step":
		return
	case slot == "mu_product":
		t.slots["optimizer/u_product"] = tensor.Scalar(v[0])
		return
	case slot == "momentum_buffer":
		rate := float32(o.Rate())
		if o.Name() == "sgd" {
			rate = -rate
		}
		for i := range v {
			v[i] *= rate
		}
		fallthrough
	default:
		if o.Name() == "adadelta" && slot == "square_avg" {
			name = "accumulated_grad"
		}
		t.slots[param+"/"+name] = tensor.Must(v, torchShapes[param]...)
	}
}
