package models_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// parameters returns the number of trainable numbers of a task's network.
func parameters(task *models.Task) int {
	n := 0
	for _, p := range task.Net.Params {
		if p.Trainable {
			n += p.Value.Data.Len()
		}
	}
	return n
}

func prepare(t *testing.T, name string, o models.Options) *models.Task {
	t.Helper()
	r, err := models.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	task, err := r.Prepare(o)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// runPart runs a part of a trained task on inputs.
func runPart(t *testing.T, tr *train.Trainer, p models.Part, in map[string]tensor.Any) map[string]tensor.Any {
	t.Helper()
	m, err := tr.ModelOf(p.Net, train.ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(context.Background(), in)
	if err != nil {
		t.Fatalf("%s: %v", p.Name, err)
	}
	return out
}

func TestSalary(t *testing.T) {
	path := course(t, "encuesta_sysarmy_arg_2019_1.csv")
	if n := parameters(prepare(t, "salary", models.Options{Path: path})); n != 55297 {
		t.Errorf("one-hot: %d parameters, want 55297", n)
	}
	mae := mean(3, func(seed uint64) float64 {
		tr, task := fit(t, "salary", models.Options{Path: path, Seed: seed, Variant: "embedding"})
		if n := tr.NumParams(); n != 1777 {
			t.Errorf("embedding: %d parameters, want 1777", n)
		}
		titles := tensor.Must([]string{"HelpDesk", "Manager / Director", "no such title"}, 3, 1)
		pay := tensor.Data[float32](runPart(t, tr, task.Parts[0], map[string]tensor.Any{"Trabajo de": titles})["salary"])
		if !(pay[0] > 10e3 && pay[0] < pay[1] && pay[1] < 300e3 && pay[2] > 10e3) {
			t.Errorf("salaries in pesos %v", pay)
		}
		return figure(t, tr, task.Validation, 1)
	})
	if mae > .0614 {
		t.Errorf("mean validation error %.4f, want at most .0614", mae)
	}
}

// TestFraudGenerator holds the generated payments against what is known of the course's.
func TestFraudGenerator(t *testing.T) {
	task := prepare(t, "fraud", models.Options{Rows: 30000})
	if n := parameters(task); n != 139777 {
		t.Errorf("%d parameters, want 139777", n)
	}
	positive := 0.
	for _, d := range []tensor.Any{task.Train.Target(), task.Validation.Target()} {
		for _, v := range tensor.Data[float32](d) {
			positive += float64(v)
		}
	}
	if want := math.Round(30000 * 492. / 284807); positive != want {
		t.Errorf("%v frauds, want %v", positive, want)
	}
	again := prepare(t, "fraud", models.Options{Rows: 30000})
	a, b := tensor.Data[float32](task.Train.Inputs()["V14"]), tensor.Data[float32](again.Train.Inputs()["V14"])
	for i := range a {
		if a[i] != b[i] {
			t.Fatal("two calls give different payments")
		}
	}
	if n := prepare(t, "fraud", models.Options{Rows: 30000, Variant: "undersampling"}).Train.Len(); n > 11*42+10 || n < 10*40 {
		t.Errorf("undersampling keeps %d rows", n)
	}
	if w := prepare(t, "fraud", models.Options{Rows: 30000, Variant: "class_weights"}).Train.Weight(); w == nil {
		t.Error("class weights are missing")
	}
}

func ExampleRecipe_Prepare() {
	r, err := models.Lookup("fraud")
	if err != nil {
		panic(err)
	}
	task, err := r.Prepare(models.Options{Rows: 5000, Variant: "class_weights"})
	if err != nil {
		panic(err)
	}
	t, err := train.New(task.Net, train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{}})
	if err != nil {
		panic(err)
	}
	defer t.Close()
	fmt.Println(task.Train.Len(), "payments,", t.NumParams(), "parameters")
	// Output: 4000 payments, 139777 parameters
}
