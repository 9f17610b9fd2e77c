package train_test

import (
	"math"
	"os"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestTrainingModel takes steps as ONNX describes training_info: the algorithm sees the model's initializers and its
// own, and the bindings say which of them its outputs replace. ONNXTOOL_TRAINING_MODEL names a file to write, for
// onnx's checker.
func TestTrainingModel(t *testing.T) {
	b := nn.NewBuilder(3)
	x := b.Input(nn.Input{Name: "x", Shape: []int{4}})
	h := b.Apply(&nn.BatchNormalization{}, b.Apply(&nn.Dense{Units: 6}, x))
	net, err := b.Net(b.Output("y", b.Apply(&nn.Dense{Units: 1, Activation: "sigmoid"}, h)))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(net, train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{LearningRate: .01, AMSGrad: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	batch := &data.Batch{
		Inputs: map[string]tensor.Any{"x": tensor.Must([]float32{1, 0, 2, -1, .5, .3, -.2, 1, -1, 1, 0, .4}, 3, 4)},
		Target: tensor.Must([]float32{1, 0, 1}, 3, 1), N: 3,
	}
	m, err := tr.TrainingModel(batch)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range onnxio.Check(m) {
		t.Error(p)
	}
	if path := os.Getenv("ONNXTOOL_TRAINING_MODEL"); path != "" {
		if err := onnxio.Save(path, m, onnxio.SaveOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	info := m.TrainingInfo[0]
	run := func(g *onnxio.Graph, in map[string]tensor.Any, outer []*onnxio.Tensor) map[string]tensor.Any {
		t.Helper()
		alone := *g
		alone.Initializer = append(append([]*onnxio.Tensor{}, g.Initializer...), outer...)
		s, err := infer.New(&onnxio.Model{IRVersion: m.IRVersion, OpsetImport: m.OpsetImport, Graph: &alone}, infer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		out, err := s.Run(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	replace := func(bindings []*onnxio.StringStringEntry, out map[string]tensor.Any) {
		t.Helper()
		for _, e := range bindings {
			found := 0
			for _, list := range [][]*onnxio.Tensor{m.Graph.Initializer, info.Algorithm.Initializer} {
				for i, v := range list {
					if v.Name == e.Key {
						list[i] = onnxio.FromTensor(e.Key, out[e.Value])
						found++
					}
				}
			}
			if found != 1 || out[e.Value] == nil {
				t.Fatalf("binding of %s: %d initializers, output %v", e.Key, found, out[e.Value])
			}
		}
	}
	replace(info.InitializationBinding, run(info.Initialization, nil, nil))
	for step := range 4 {
		out := run(info.Algorithm, map[string]tensor.Any{
			"x": batch.Inputs["x"], "targets": batch.Target, "learning_rate": tensor.Scalar(float32(.01)), "step": tensor.Scalar(int64(step)),
		}, m.Graph.Initializer)
		replace(info.UpdateBinding, out)
		want, _, err := tr.Step(t.Context(), batch)
		if err != nil {
			t.Fatal(err)
		}
		if got := tensor.Data[float32](out["loss"])[0]; math.Abs(float64(got)-want) > 1e-6 {
			t.Errorf("loss of step %d is %v, Fit's %v", step, got, want)
		}
	}
	for _, p := range tr.Params() {
		for _, v := range m.Graph.Initializer {
			if v.Name != p.Name {
				continue
			}
			got, err := v.Value()
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range tensor.Data[float32](p.Tensor) {
				if g := tensor.Data[float32](got)[i]; math.Abs(float64(g-w)) > 1e-6 {
					t.Errorf("%s[%d] is %v, Fit's %v", p.Name, i, g, w)
				}
			}
		}
	}
}
