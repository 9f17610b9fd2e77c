package models_test

import (
	"context"
	"fmt"
	"math"
	"os"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
)

// trainExample prepares a recipe and trains it as it stands, or for other epochs where epochs is not 0.
func trainExample(name string, o models.Options, epochs int) (*train.Trainer, *models.Task) {
	r, err := models.Lookup(name)
	if err != nil {
		panic(err)
	}
	task, err := r.Prepare(o)
	if err != nil {
		panic(err)
	}
	t, err := train.New(task.Net, train.Config{Loss: task.Loss, Optimizer: task.Optimizer, Seed: o.Seed})
	if err != nil {
		panic(err)
	}
	batches, err := task.Train.Batches(data.BatchOptions{Size: task.Batch, Shuffle: true, Seed: o.Seed})
	if err != nil {
		panic(err)
	}
	if epochs == 0 {
		epochs = task.Epochs
	}
	if _, err := t.Fit(context.Background(), batches, train.FitOptions{Epochs: epochs}); err != nil {
		panic(err)
	}
	return t, task
}

func Example_xor() {
	t, task := trainExample("xor", models.Options{Seed: 1}, 0)
	defer t.Close()
	out, err := t.Predict(context.Background(), task.Train.Inputs())
	if err != nil {
		panic(err)
	}
	for i, p := range tensor.Data[float32](out[0]) {
		fmt.Println(i>>1, i&1, math.Round(float64(p)))
	}
	// Output:
	// 0 0 0
	// 0 1 1
	// 1 0 1
	// 1 1 0
}

// The classifier of the quickstart, its scaler inside the exported model.
func Example_breastCancer() {
	t, task := trainExample("breast_cancer", models.Options{}, 5)
	defer t.Close()
	m, err := t.Model(train.ExportOptions{})
	if err != nil {
		panic(err)
	}
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		panic(err)
	}
	defer s.Close()
	first, err := task.Test.Slice(0, 3)
	if err != nil {
		panic(err)
	}
	out, err := s.Run(context.Background(), first.Inputs())
	if err != nil {
		panic(err)
	}
	fmt.Println(len(s.Inputs()), "measurements as they are, probabilities", out["probability"].Shape())
	// Output: 30 measurements as they are, probabilities [3,1]
}

// The encoder gives mean and logarithm of variance of an image's code, the decoder makes an image of a code; the whole
// draws the code, and its deterministic form takes the mean.
func Example_vae() {
	t, task := trainExample("vae", models.Options{Path: "digits", Rows: 100}, 1)
	defer t.Close()
	for _, p := range append([]models.Part{{Name: "whole", Net: task.Net}}, task.Parts...) {
		m, err := t.ModelOf(p.Net, train.ExportOptions{})
		if err != nil {
			panic(err)
		}
		random := 0
		for _, n := range m.Graph.Node {
			if n.OpType == "RandomNormalLike" {
				random++
			}
		}
		fmt.Printf("%s: from %s to", p.Name, m.Graph.Input[0].Name)
		for _, v := range m.Graph.Output {
			fmt.Print(" ", v.Name)
		}
		fmt.Println(",", random, "draws")
	}
	// Output:
	// whole: from image to reconstruction, 1 draws
	// encoder: from image to mu log_var, 0 draws
	// decoder: from z to reconstruction, 0 draws
	// deterministic: from image to reconstruction, 0 draws
}

// The course's own data have no licence and are not in the module: ONNXTOOL_DATA is the folder where they are.
func Example_courseData() {
	dir := os.Getenv("ONNXTOOL_DATA")
	if dir == "" {
		return
	}
	for _, recipe := range []struct {
		name string
		o    models.Options
	}{
		{"keritas", models.Options{Path: dir}},
		{"keritas_keras", models.Options{Path: dir}},
		{"heart", models.Options{Path: dir}},
		{"salary", models.Options{Path: dir, Variant: "onehot"}},
		{"salary", models.Options{Path: dir, Variant: "embedding"}},
		{"wine", models.Options{Path: dir}},
		{"wine", models.Options{Path: dir, WithVendor: true}},
	} {
		t, _ := trainExample(recipe.name, recipe.o, 0)
		m, err := t.Model(train.ExportOptions{})
		if err != nil {
			panic(err)
		}
		t.Close()
		if err := onnxio.Save(recipe.name+".onnx", m, onnxio.SaveOptions{}); err != nil {
			panic(err)
		}
	}
	// Output:
}
