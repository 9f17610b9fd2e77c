package train_test

import (
	"context"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestTorchOptimizers takes 8 steps of least squares with the optimizers that PyTorch defines otherwise, and holds
// the weights against those of torch 2.15: torch.optim.RMSprop(lr=.05, alpha=.9, eps=.01), the same with
// momentum=.5 and centered, NAdam(lr=.05, eps=1e-8, momentum_decay=4e-3).
func TestTorchOptimizers(t *testing.T) {
	im, err := train.Import(parse(t, `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,3] x) => (float[N,1] y) <float[3,1] w = {0.3,-0.2,0.1}> { y = MatMul (x, w) }`), train.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.Must([]float32{.5, -1, .2, 1, .3, -.7, -.4, .8, .6, .1, -.2, .9}, 4, 3)
	ds, err := data.New(map[string]tensor.Any{"x": x}, tensor.Must([]float32{1, -1, .5, 0}, 4, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	src, err := ds.Batches(data.BatchOptions{Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		want [3]float64
	}{
		{"rmsprop:epsilon=0.01,torch_epsilon=true", [3]float64{-.2339673489332199, -.533443808555603, .5361819267272949}},
		{"rmsprop:epsilon=0.01,torch_epsilon=true,momentum=0.5,centered=true", [3]float64{-.4307648241519928, -.6079407334327698, .5341307520866394}},
		{"nadam:epsilon=1e-8,schedule_decay=0.004", [3]float64{.006483386270701885, -.4452706575393677, .37901273369789124}},
	} {
		o, err := optim.Parse(c.text, .05)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := train.New(im.Net, train.Config{Loss: loss.MeanSquaredError{}, Optimizer: o})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		if _, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: 8}); err != nil {
			t.Fatal(err)
		}
		for i, got := range tensor.Data[float32](tr.Params()[0].Tensor) {
			if math.Abs(float64(got)-c.want[i]) > 2e-6 {
				t.Errorf("%s: weight %d is %v, in PyTorch %v", c.text, i, got, c.want[i])
			}
		}
	}
}
