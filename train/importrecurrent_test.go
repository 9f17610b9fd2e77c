package train

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// dropLayers are the cases of dropout.zip as layers.
var dropLayers = map[string][]nn.Layer{
	"lstm":       {&nn.LSTM{Units: 4, Dropout: .3, RecurrentDropout: .4}},
	"gru_before": {&nn.GRU{Units: 4, Dropout: .3, RecurrentDropout: .4, ResetBefore: true, GoBackwards: true}},
	"simple":     {&nn.SimpleRNN{Units: 4, Dropout: .3, RecurrentDropout: .4}},
	"bidirectional": {
		&nn.Bidirectional{Layer: &nn.GRU{Units: 3, Dropout: .2, RecurrentDropout: .5, ReturnSequences: true}}, &nn.Dense{Units: 4},
	},
}

// TestRecurrentDropout trains recurrent layers of Keras with the masks that Keras had, imported and as layers of
// our own, which take other ways with a mask of steps and without: the losses of the steps are the same.
func TestRecurrentDropout(t *testing.T) {
	z, err := zip.OpenReader("../testdata/finetune/dropout.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	read := func(name string) []byte {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var index struct{ Cases []string }
	if err := json.Unmarshal(read("index.json"), &index); err != nil {
		t.Fatal(err)
	}
	for _, name := range index.Cases {
		t.Run(name, func(t *testing.T) {
			var run struct {
				Losses []float64
				Masks  int
			}
			if err := json.Unmarshal(read(name+"/run.json"), &run); err != nil {
				t.Fatal(err)
			}
			file := read(name + "/model.keras")
			m, err := keras.Read(bytes.NewReader(file), int64(len(file)), keras.Options{})
			if err != nil {
				t.Fatal(err)
			}
			file = read(name + "/data.npz")
			arrays, err := data.ReadNPZ(bytes.NewReader(file), int64(len(file)), data.ArrayOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if r, err := recipe.Of(m); err != nil || len(r.Notes) > 0 {
				t.Fatalf("the recipe has the notes %v, error %v", r.Notes, err)
			}
			im, err := Import(m, ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			nets := map[string]*nn.Net{"imported": im.Net}
			if l := dropLayers[name]; l != nil {
				nets["layers"] = netOf(t, im.Net, -1, l...)
				nets["masked layers"] = netOf(t, im.Net, 5, append([]nn.Layer{&nn.Masking{}}, l...)...)
			}
			for way, net := range nets {
				losses := maskedLosses(t, net, arrays, run.Masks, len(run.Losses))
				for i, want := range run.Losses {
					if math.Abs(losses[i]-want) > 1e-5*want {
						t.Errorf("%s, step %d: loss %v, Keras has %v", way, i, losses[i], want)
					}
				}
			}
		})
	}
}

// netOf makes a net of layers on series of 3 numbers, with the first values of another's parameters.
func netOf(t *testing.T, like *nn.Net, steps int, layers ...nn.Layer) *nn.Net {
	t.Helper()
	b := nn.NewBuilder(1)
	x := b.Input(nn.Input{Name: "x", Shape: []int{steps, 3}})
	for _, l := range layers {
		x = b.Apply(l, x)
	}
	net, err := b.Net(b.Output("y", x))
	if err != nil {
		t.Fatal(err)
	}
	if len(net.Params) != len(like.Params) {
		t.Fatalf("%d parameters, the other has %d", len(net.Params), len(like.Params))
	}
	for _, p := range net.Params {
		name := strings.NewReplacer("forward/", "forward_gru_1/", "backward/", "backward_gru_1/").Replace(p.Value.Name)
		i := slices.IndexFunc(like.Params, func(q *nn.Param) bool { return strings.HasPrefix(q.Value.Name, name) })
		copy(tensor.Data[float32](p.Value.Data), tensor.Data[float32](like.Params[i].Value.Data))
	}
	return net
}

// maskedLosses returns the losses of steps on one batch, with the arrays mask_0, mask_1, ... in the place of what is
// drawn.
func maskedLosses(t *testing.T, net *nn.Net, arrays map[string]tensor.Any, masks, steps int) (losses []float64) {
	t.Helper()
	tr, err := New(net, Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: .5}, noiseInputs: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	b := &data.Batch{Inputs: map[string]tensor.Any{"x": arrays["x"]}, Target: arrays["y"], N: arrays["x"].Shape()[0]}
	g, _, err := stepFor(net, tr.cfg, b)
	if err != nil {
		t.Fatal(err)
	}
	k := 0
	for _, v := range g.g.Inputs {
		if g.noise[v] == "" {
			continue
		}
		mask, _ := tensor.Floats[float32](arrays[fmt.Sprintf("mask_%d", k)])
		u := make([]float32, len(mask)) // 0 is dropped at any rate, 1 at none
		for i, keep := range mask {
			if keep > 0 {
				u[i] = 1
			}
		}
		b.Inputs[v.Name] = tensor.Must(u, arrays[fmt.Sprintf("mask_%d", k)].Shape()...)
		k++
	}
	if k != masks {
		t.Fatalf("%d draws, Keras has %d masks", k, masks)
	}
	for range steps {
		l, _, err := tr.Step(context.Background(), b)
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, l)
	}
	return losses
}
