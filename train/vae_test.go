package train

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// vaeCase is a case of testdata/torch/vae.json.gz, see testdata/gen/torch_vae_steps.py.
type vaeCase struct {
	Name                             string
	Beta                             float64
	Size                             int
	X, Noise                         []float32
	Params                           map[string][]float32
	Loss, Reconstruction, Divergence float64
	Gradients                        map[string][]float64
	Losses                           []float64
}

// The sizes of the cases.
const vaeRows, vaeLatent = 8, 3

// TestVAE holds the loss of variational autoencoders, its two parts, the derivative by every parameter and the
// losses of twenty steps of Adam against PyTorch, on the same noise.
func TestVAE(t *testing.T) {
	f, err := os.Open("../testdata/torch/vae.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Cases []vaeCase }
	if err := json.NewDecoder(z).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	for _, c := range doc.Cases {
		t.Run(c.Name, func(t *testing.T) {
			tr := c.trainer(t, c.Beta)
			l, gradients, err := tr.Gradients(context.Background(), c.batch(0))
			if err != nil {
				t.Fatal(err)
			}
			torchs(t, "loss", l, c.Loss, 1e-6)
			c.parts(t)
			if len(gradients) != len(c.Gradients) {
				t.Errorf("%d gradients, PyTorch has %d", len(gradients), len(c.Gradients))
			}
			for _, g := range gradients {
				want := c.Gradients[g.Name]
				for i, v := range tensor.Data[float32](g.Tensor) {
					if !(math.Abs(float64(v)-want[i]) <= 1e-5*math.Abs(want[i])+2e-6) {
						t.Errorf("the derivative by %s, element %d, is %v, PyTorch's %v", g.Name, i, v, want[i])
						break
					}
				}
			}
			for step, want := range c.Losses {
				l, _, err := tr.Step(context.Background(), c.batch(step))
				if err != nil {
					t.Fatal(err)
				}
				torchs(t, "loss of a step", l, want, 1e-5)
			}
		})
	}
}

// parts takes the loss apart by the weight of the divergence.
func (c *vaeCase) parts(t *testing.T) {
	with := func(beta float64) float64 {
		l, _, err := c.trainer(t, beta).Gradients(context.Background(), c.batch(0))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	reconstruction := with(0)
	torchs(t, "reconstruction", reconstruction, c.Reconstruction, 1e-6)
	torchs(t, "divergence", with(1)-reconstruction, c.Divergence, 1e-4)
}

func torchs(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	if !near(got, want, tolerance) {
		t.Errorf("%s is %v, PyTorch's %v", name, got, want)
	}
}

// batch returns the images with the noise of a step.
func (c *vaeCase) batch(step int) *data.Batch {
	x := tensor.Must(c.X, vaeRows, c.Size, c.Size, 1)
	n := vaeRows * vaeLatent
	noise := tensor.Must(c.Noise[step*n:(step+1)*n], vaeRows, vaeLatent)
	return &data.Batch{Inputs: map[string]tensor.Any{"x": x, "noise/z/RandomNormalLike": noise}, Target: x, N: vaeRows}
}

func (c *vaeCase) trainer(t *testing.T, beta float64) *Trainer {
	t.Helper()
	b := nn.NewBuilder(1)
	x := b.Input(nn.Input{Name: "x", Shape: []int{c.Size, c.Size, 1}})
	encode, decode := vaeDense(), vaeDenseDecoder()
	if strings.HasPrefix(c.Name, "conv") {
		encode, decode = vaeConv(), vaeConvDecoder()
	}
	h := chained(b, x, encode)
	mu, logVariance := b.Apply(&nn.Dense{Name: "mu", Units: vaeLatent}, h), b.Apply(&nn.Dense{Name: "log_var", Units: vaeLatent}, h)
	z := b.Apply(&nn.Sampling{Name: "z", KLWeight: beta}, mu, logVariance)
	net, err := b.Net(b.Output("y", chained(b, z, decode)))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := New(net, Config{Loss: loss.SummedBinaryCrossentropy{}, Optimizer: optim.Adam{LearningRate: .01, Epsilon: 1e-12}, noiseInputs: true, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	for _, p := range tr.Params() {
		v := c.Params[p.Name]
		if v == nil {
			t.Fatalf("PyTorch has no parameter %s", p.Name)
		}
		if err := tr.SetParam(p.Name, tensor.Must(v, p.Tensor.Shape()...)); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

func chained(b *nn.Builder, x *nn.Value, layers []nn.Layer) *nn.Value {
	for _, l := range layers {
		x = b.Apply(l, x)
	}
	return x
}

func vaeDense() []nn.Layer {
	return []nn.Layer{&nn.Flatten{}, &nn.Dense{Name: "encoder", Units: 10, Activation: "relu"}}
}

func vaeDenseDecoder() []nn.Layer {
	return []nn.Layer{
		&nn.Dense{Name: "decoder", Units: 9, Activation: "relu"},
		&nn.Dense{Name: "pixels", Units: 36, Activation: "sigmoid"},
		&nn.Reshape{TargetShape: []int{6, 6, 1}},
	}
}

func vaeConv() []nn.Layer {
	conv := func(name string, n int) nn.Layer {
		return &nn.Conv2D{Name: name, Filters: n, KernelSize: [2]int{3, 3}, Strides: [2]int{2, 2}, Padding: "same", Activation: "relu"}
	}
	return []nn.Layer{conv("encoder_1", 3), conv("encoder_2", 4), &nn.Flatten{}, &nn.Dense{Name: "encoder_3", Units: 6, Activation: "relu"}}
}

func vaeConvDecoder() []nn.Layer {
	conv := func(name string, n, stride int, activation string) nn.Layer {
		return &nn.Conv2DTranspose{Name: name, Filters: n, KernelSize: [2]int{3, 3}, Strides: [2]int{stride, stride}, Padding: "same", Activation: activation}
	}
	return []nn.Layer{
		&nn.Dense{Name: "decoder_1", Units: 16, Activation: "relu"}, &nn.Reshape{TargetShape: []int{2, 2, 4}},
		conv("decoder_2", 4, 2, "relu"), conv("decoder_3", 3, 2, "relu"), conv("pixels", 1, 1, "sigmoid"),
	}
}
