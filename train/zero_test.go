package train

import (
	"context"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/nn"
)

// TestZeroValues calls the methods of values that were declared, not made: they give errors, never panics. A zero Builder builds.
func TestZeroValues(t *testing.T) {
	ctx, batch := context.Background(), &data.Batch{N: 1}
	made := func(_ any, err error) error { return err }
	var tr Trainer
	for name, call := range map[string]func() error{
		"Trainer.Evaluate":         func() error { return made(tr.Evaluate(ctx, nil)) },
		"Trainer.FindLearningRate": func() error { return made(tr.FindLearningRate(ctx, nil, LearningRateSweep{})) },
		"Trainer.Fit":              func() error { return made(tr.Fit(ctx, nil, FitOptions{Epochs: 1})) },
		"Trainer.Gradients":        func() error { _, _, err := tr.Gradients(ctx, batch); return err },
		"Trainer.LoadCheckpoint":   func() error { return tr.LoadCheckpoint("none") },
		"Trainer.SaveCheckpoint":   func() error { return tr.SaveCheckpoint(t.TempDir() + "/c") },
		"Trainer.Model":            func() error { return made(tr.Model(ExportOptions{})) },
		"Trainer.ModelOf":          func() error { return made(tr.ModelOf(nil, ExportOptions{})) },
		"Trainer.Predict":          func() error { return made(tr.Predict(ctx, nil)) },
		"Trainer.SetParam":         func() error { return tr.SetParam("w", nil) },
		"Trainer.Step":             func() error { _, _, err := tr.Step(ctx, batch); return err },
		"Trainer.StepModel":        func() error { return made(tr.StepModel(batch)) },
		"Trainer.TrainingModel":    func() error { return made(tr.TrainingModel(batch)) },
		"New":                      func() error { return made(New(nil, Config{})) },
		"New of an empty Net":      func() error { return made(New(&nn.Net{}, Config{})) },
		"Session.Run":              func() error { return made(new(infer.Session).Run(ctx, nil)) },
		"Session.Bind":             func() error { return made(new(infer.Session).Bind(nil)) },
		"Builder.Net":              func() error { return made(new(nn.Builder).Net()) },
		"Trainer.Step of a whole batch": func() error {
			x := tensor.Must([]float32{1}, 1, 1)
			_, _, err := tr.Step(ctx, &data.Batch{Inputs: map[string]tensor.Any{"x": x}, Target: x, N: 1})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("panic: %v", r)
				}
			}()
			if err := call(); err == nil {
				t.Error("no error")
			} else {
				t.Log(err)
			}
		})
	}
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("panic: %v", r)
		}
	}()
	tr.Close()
	tr.Close()
	tr.Interrupt()
	tr.Stop()
	tr.SetLearningRate(1)
	_, _, _, _, _, _ = tr.Epoch(), tr.LearningRate(), tr.NumParams(), tr.Params(), tr.Steps(), tr.Trainable("w")
	b := new(nn.Builder)
	if _, err := b.Net(b.Apply(&nn.Dense{Units: 1}, b.Input(nn.Input{Name: "x", Shape: []int{2}}))); err != nil {
		t.Errorf("the zero Builder: %v", err)
	}
	s := new(infer.Session)
	_, _, _ = s.Inputs(), s.Outputs(), s.Close()
}
