package train_test

import (
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestRecipeStepsOnONNXRuntime trains every course model for 20 steps with its exported step on onnxruntime, the
// same noise fed to both, and holds the parameters against our own training.
func TestRecipeStepsOnONNXRuntime(t *testing.T) {
	if err := ort.Available(); err != nil {
		if os.Getenv("ONNXTOOL_REQUIRE_ORT") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	if testing.Short() {
		t.Skip("takes seconds")
	}
	shared := os.Getenv("ONNXTOOL_SHARED")
	for _, r := range models.All() {
		variants := r.Variants
		if len(variants) == 0 {
			variants = []models.Variant{{}}
		}
		for _, v := range variants {
			t.Run(strings.TrimSuffix(r.Name+"/"+v.Name, "/"), func(t *testing.T) {
				o := models.Options{Variant: v.Name}
				switch {
				case r.Name == "autoencoder" || r.Name == "vae":
					o.Path, o.Rows = "digits", 40
				case r.Name == "fraud":
					o.Rows = 20000
				case r.Data != "" && shared == "":
					t.Skip("no course data")
				case r.Name == "keritas" || r.Name == "keritas_keras":
					o.Path = filepath.Join(shared, "data", "clase_2_train_data.csv")
				case r.Data != "":
					o.Path = filepath.Join(shared, "data", r.Data)
				}
				stepRecipe(t, r, o)
			})
		}
	}
}

func stepRecipe(t *testing.T, r *models.Recipe, o models.Options) {
	task, err := r.Prepare(o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Name == "fraud" {
		// Its rate of 0.01 throws the loss from 0.7 to 11 in the first steps, where a rounding error grows a
		// thousandfold; one in 579 rows is a fraud, and without any the gradients are next to nothing.
		task.Optimizer, task.Batch = optim.Adam{LearningRate: 1e-4}, 256
	}
	task.Batch = min(task.Batch, 256)
	cfg := train.Config{Loss: task.Loss, Optimizer: task.Optimizer}
	cfg.FeedNoise()
	tr, err := train.New(task.Net, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	src, err := task.Train.Batches(data.BatchOptions{Size: task.Batch, Shuffle: true})
	if err != nil {
		t.Fatal(err)
	}
	next := batches(t, src)
	first := next()
	m, err := tr.StepModel(first)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ort.New(m, ort.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var doc struct {
		Updates []struct {
			Output, Input string
			Slot          bool
			Initial       float32
		}
		Noise []struct{ Input, Draw string }
	}
	text, _ := onnxio.Metadata(m.MetadataProps, "onnxtool.step")
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	shapes := map[string]tensor.Shape{}
	for _, v := range s.Inputs() {
		shape := tensor.Shape{}
		for _, d := range v.Shape {
			shape = append(shape, d.Size)
		}
		shapes[v.Name] = shape
	}
	state := map[string]tensor.Any{}
	for _, p := range tr.Params() {
		state[p.Name] = tensor.CloneAny(p.Tensor)
	}
	for _, u := range doc.Updates {
		if u.Slot {
			slot := tensor.Zeros[float32](shapes[u.Input]...)
			for i := range slot.Data() {
				slot.Data()[i] = u.Initial
			}
			state[u.Input] = slot
		}
	}
	noise := rand.New(rand.NewPCG(3, 5))
	for step := range 20 {
		b := first
		if step > 0 {
			b = next()
		}
		for _, n := range doc.Noise {
			shape := shapes[n.Input].Clone()
			for i, d := range shape {
				if d < 0 {
					shape[i] = b.N
				}
			}
			x := tensor.Zeros[float32](shape...)
			for i := range x.Data() {
				if x.Data()[i] = noise.Float32(); strings.HasPrefix(n.Draw, "RandomNormal") {
					x.Data()[i] = float32(noise.NormFloat64())
				}
			}
			b.Inputs[n.Input] = x
		}
		feed := map[string]tensor.Any{}
		for name, v := range b.Inputs {
			feed[name] = v
		}
		for name, v := range state {
			feed[name] = v
		}
		feed["targets"], feed["learning_rate"], feed["step"] = b.Target, tensor.Scalar(float32(optim.RateAt(task.Optimizer, tr.LearningRate(), tr.Steps()))), tensor.Scalar(int64(step))
		if b.Weight != nil {
			feed["sample_weight"] = b.Weight
		}
		for name := range feed { // what the step does not read, such as a parameter of a layer left out
			if _, ok := shapes[name]; !ok {
				delete(feed, name)
			}
		}
		out, err := s.Run(t.Context(), feed)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := tr.Step(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(tensor.Data[float32](out["loss"])[0]); math.Abs(got-want) > 1e-5*max(1, math.Abs(want)) {
			t.Fatalf("loss of step %d is %v on onnxruntime, ours %v", step, got, want)
		}
		for _, u := range doc.Updates {
			state[u.Input] = out[u.Output]
		}
	}
	worst := 0.0
	for _, p := range tr.Params() {
		got := tensor.Data[float32](state[p.Name])
		for i, v := range tensor.Data[float32](p.Tensor) {
			if d := math.Abs(float64(v - got[i])); d > worst {
				worst = d
				if d > 1e-5 {
					t.Errorf("%s[%d] is %v on onnxruntime, ours %v", p.Name, i, got[i], v)
				}
			}
		}
	}
	t.Logf("%d noise inputs, largest difference %.2g", len(doc.Noise), worst)
}

// batches returns a function that walks through the epochs.
func batches(t *testing.T, src data.Source) func() *data.Batch {
	t.Helper()
	var it data.Iterator
	epoch := 0
	return func() *data.Batch {
		t.Helper()
		for range 2 {
			if it == nil {
				var err error
				if it, err = src.Epoch(epoch); err != nil {
					t.Fatal(err)
				}
				epoch++
			}
			b, err := it.Next()
			if err == nil {
				return b
			}
			if err != io.EOF {
				t.Fatal(err)
			}
			it.Close()
			it = nil
		}
		t.Fatal("an epoch without batches")
		return nil
	}
}
