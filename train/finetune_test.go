package train

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/internal/race"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/optim"
)

// tuneCase is an entry of the index of an archive of testdata/finetune.
type tuneCase struct {
	Name   string
	Models []string
	Inputs []string
	Batch  int
	Steps  int
	Runs   []tuneRun
}

type tuneRun struct {
	Name, Mode, Optimizer string
	Noise                 float64 // relative distance of PyTorch's losses from those in float64
}

func tuneCases(t *testing.T, f *fixture) []tuneCase {
	t.Helper()
	var index struct{ Cases []tuneCase }
	f.json(t, "index.json", &index)
	return index.Cases
}

func (c *tuneCase) model(t *testing.T, f *fixture, variant string) *onnxio.Model {
	t.Helper()
	m, err := onnxio.LoadBytes(f.read(t, c.Name+"/"+variant+".onnx"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (c *tuneCase) data(t *testing.T, f *fixture) *data.Dataset {
	t.Helper()
	in := map[string]tensor.Any{}
	for _, name := range c.Inputs {
		in[name] = f.array(t, c.Name+"/in/"+name+".npy")
	}
	ds, err := data.New(in, f.array(t, c.Name+"/target.npy"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// TestFineTuningIsPyTorchs trains PyTorch's exports further on the batches that PyTorch took: each step's loss
// is PyTorch's, and so are the predictions after the last one, by the file that is written.
func TestFineTuningIsPyTorchs(t *testing.T) {
	f := openFixture(t, "../testdata/finetune/torch.zip")
	for _, c := range tuneCases(t, f) {
		ds := c.data(t, f)
		for _, variant := range c.Models {
			for r, run := range c.Runs {
				if c.Name == "mobilenet" && variant != "model" {
					continue // BatchNormalization is part of the convolutions there
				}
				if testing.Short() && r > 0 {
					continue
				}
				t.Run(fmt.Sprint(c.Name, "/", variant, "/", run.Name), func(t *testing.T) {
					o := ImportOptions{UnbiasedVariance: true}
					if run.Mode == "eval" {
						o.FreezeBatchNorm = []string{"*"}
					}
					c.follow(t, f, c.model(t, f, variant), o, ds, run)
				})
			}
		}
	}
}

func (c *tuneCase) follow(t *testing.T, f *fixture, m *onnxio.Model, o ImportOptions, ds *data.Dataset, run tuneRun) {
	im, err := Import(m, o)
	if err != nil {
		t.Fatal(err)
	}
	opt, err := optim.Parse(run.Optimizer, 0)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := New(im.Net, Config{Loss: loss.SparseCategoricalCrossentropy{FromLogits: true}, Optimizer: opt, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	want := tensor.Data[float32](f.array(t, c.Name+"/runs/"+run.Name+".npy"))
	for s := range c.Steps {
		rows := make([]int, c.Batch)
		for i := range rows {
			rows[i] = (s*c.Batch + i) % ds.Len()
		}
		b, err := ds.Take(rows)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := tr.Step(context.Background(), &data.Batch{Inputs: b.Inputs(), Target: b.Target(), N: c.Batch})
		if err != nil {
			t.Fatal(err)
		}
		if !near(got, float64(want[s]), max(1e-4, 3*run.Noise)) {
			t.Fatalf("step %d: loss %v, PyTorch has %v", s, got, want[s])
		}
	}
	tuned, err := im.Model(tr)
	if err != nil {
		t.Fatal(err)
	}
	first, err := ds.Slice(0, 8)
	if err != nil {
		t.Fatal(err)
	}
	s, err := infer.New(tuned, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(context.Background(), first.Inputs())
	if err != nil {
		t.Fatal(err)
	}
	after := tensor.Data[float32](f.array(t, c.Name+"/runs/"+run.Name+"_after.npy"))
	for i, v := range tensor.Data[float32](out[s.Outputs()[0].Name]) {
		if d := v - after[i]; d > 2e-3 || d < -2e-3 {
			t.Fatalf("element %d of the predictions is %v, PyTorch has %v", i, v, after[i])
		}
	}
}

// beatsHead trains a new head alone and with all weights on a small task; all weights must do better.
func (c *tuneCase) beatsHead(t *testing.T, m *onnxio.Model, h Head, ds *data.Dataset, epochs int) {
	t.Helper()
	m, err := ReplaceHead(m, h)
	if err != nil {
		t.Fatal(err)
	}
	fit, val, err := ds.SplitLast(.3)
	if err != nil {
		t.Fatal(err)
	}
	measure := func(o ImportOptions) (loss_, accuracy float64) {
		im, err := Import(m, o)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := New(im.Net, Config{
			Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.Adam{LearningRate: .005}, Seed: 1,
			Metrics: []Metric{&metric.SparseCategoricalAccuracy{}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		src, err := fit.Batches(data.BatchOptions{Size: 16, Shuffle: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tr.Fit(context.Background(), src, FitOptions{Epochs: epochs}); err != nil {
			t.Fatal(err)
		}
		rest, err := val.Batches(data.BatchOptions{Size: 32})
		if err != nil {
			t.Fatal(err)
		}
		v, err := tr.Evaluate(context.Background(), rest)
		if err != nil {
			t.Fatal(err)
		}
		return v[0], v[1]
	}
	headLoss, headAccuracy := measure(ImportOptions{Freeze: []string{"*"}, Unfreeze: []string{"head/*"}})
	all := ImportOptions{}
	frozen := ImportOptions{FreezeBatchNorm: []string{"*"}}
	if _, err := Import(m, frozen); err == nil {
		all = frozen // running statistics of momentum 0.99 do not follow in so few steps
	}
	allLoss, allAccuracy := measure(all)
	t.Logf("validation: head alone %.3f (accuracy %.3f), all weights %.3f (%.3f)", headLoss, headAccuracy, allLoss, allAccuracy)
	if allLoss >= headLoss || allAccuracy <= headAccuracy {
		t.Errorf("all weights reach %.3f (accuracy %.3f), the head alone %.3f (%.3f)", allLoss, allAccuracy, headLoss, headAccuracy)
	}
}

// TestFineTuningBeatsTheHead trains each framework's exports on a task that is related to their own.
func TestFineTuningBeatsTheHead(t *testing.T) {
	if race.Enabled {
		t.Skip("minutes under the race detector; TestFineTuningIsPyTorchs runs the same code")
	}
	for _, archive := range []string{"torch", "keras", "sklearn"} {
		f := openFixture(t, "../testdata/finetune/"+archive+".zip")
		for _, c := range tuneCases(t, f) {
			for _, variant := range c.Models {
				t.Run(c.Name+"/"+variant, func(t *testing.T) {
					if testing.Short() && variant == "legacy" {
						t.Skip()
					}
					c.beatsHead(t, c.model(t, f, variant), Head{Units: 5, Activation: "softmax", Seed: 1}, c.data(t, f), 8)
				})
			}
		}
	}
}

// TestFineTuningBeatsTheHeadOfKeras is the same for a .keras file that is converted.
func TestFineTuningBeatsTheHeadOfKeras(t *testing.T) {
	f := openFixture(t, "../testdata/finetune/keras.zip")
	c := tuneCases(t, f)[0]
	b := f.read(t, "cnn/cnn.keras")
	src, err := keras.Read(bytes.NewReader(b), int64(len(b)), keras.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.beatsHead(t, src, Head{Units: 5, Activation: "softmax", Seed: 1}, c.data(t, f), 8)
}

// TestTunedFilesDiffInWeights checks that fine-tuning changes trained tensors alone in each framework's files.
func TestTunedFilesDiffInWeights(t *testing.T) {
	for _, archive := range []string{"torch", "control"} {
		f := openFixture(t, "../testdata/finetune/"+archive+".zip")
		for _, c := range tuneCases(t, f) {
			unchanged(t, f, c)
		}
	}
}

func unchanged(t *testing.T, f *fixture, c tuneCase) {
	t.Helper()
	for _, variant := range c.Models {
		m := c.model(t, f, variant)
		im, err := Import(m, ImportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		tr, err := New(im.Net, Config{Loss: loss.SparseCategoricalCrossentropy{FromLogits: true}, Optimizer: optim.SGD{}})
		if err != nil {
			t.Fatal(err)
		}
		tuned, err := im.Model(tr)
		tr.Close()
		if err != nil {
			t.Fatal(err)
		}
		was, err := onnxio.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		now, err := onnxio.Marshal(tuned)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(was, now) { // no step was made
			t.Errorf("%s/%s: an untrained model is written differently", c.Name, variant)
		}
	}
}
