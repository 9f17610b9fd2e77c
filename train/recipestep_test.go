package train_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestRecipeStepsOnONNXRuntime trains every course model for 20 steps with its exported step on onnxruntime, the
// same noise fed to both, and holds the parameters against our own training.
func TestRecipeStepsOnONNXRuntime(t *testing.T) {
	needORT(t)
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, r := range models.All() {
		eachVariant(t, r, func(name string, o models.Options) {
			t.Run(name, func(t *testing.T) { stepRecipe(t, r, o) })
		})
	}
}

// eachVariant calls f for each form of a course model with a little data, or with the course's where they are at
// hand.
func eachVariant(t testing.TB, r *models.Recipe, f func(name string, o models.Options)) {
	shared := os.Getenv("ONNXTOOL_SHARED")
	variants := r.Variants
	if len(variants) == 0 {
		variants = []models.Variant{{}}
	}
	for _, v := range variants {
		name, o := strings.TrimSuffix(r.Name+"/"+v.Name, "/"), models.Options{Variant: v.Name}
		switch {
		case r.Name == "autoencoder" || r.Name == "vae":
			o.Path, o.Rows = "digits", 40
		case r.Name == "fraud":
			o.Rows = 20000
		case r.Name == "word2vec" || r.Name == "retail":
			o.Rows = 2000
		case r.Data != "" && shared == "":
			t.Logf("%s: no course data", name)
			continue
		case r.Data != "":
			o.Path = filepath.Join(shared, "data")
		}
		f(name, o)
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
	trainOnORT(t, tr, task.Optimizer, batches(t, src))
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
