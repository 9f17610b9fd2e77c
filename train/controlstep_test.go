package train_test

import (
	"archive/zip"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestControlStepsOnONNXRuntime exports the training steps of PyTorch's models with If, Loop and Scan.
func TestControlStepsOnONNXRuntime(t *testing.T) {
	needORT(t)
	z, err := zip.OpenReader("../testdata/finetune/control.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, name := range []string{"loop", "if", "if_in_loop", "cond", "scan"} {
		t.Run(name, func(t *testing.T) {
			f, err := z.Open(name + "/model.onnx")
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(f)
			if err != nil {
				t.Fatal(err)
			}
			m, err := onnxio.LoadBytes(b)
			if err != nil {
				t.Fatal(err)
			}
			im, err := train.Import(m, train.ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			o := optim.Adam{LearningRate: 1e-3}
			tr, err := train.New(im.Net, train.Config{Loss: loss.SparseCategoricalCrossentropy{FromLogits: true}, Optimizer: o})
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			r := rand.New(rand.NewPCG(1, 1))
			trainOnORT(t, tr, o, func() *data.Batch {
				x, y := tensor.Zeros[float32](6, 4, 3), tensor.Zeros[int64](6)
				for i := range x.Data() {
					x.Data()[i] = float32(r.NormFloat64())
				}
				for i := range y.Data() {
					y.Data()[i] = r.Int64N(3)
				}
				return &data.Batch{Inputs: map[string]tensor.Any{"x": x}, Target: y, N: 6}
			})
		})
	}
}
