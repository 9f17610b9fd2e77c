package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/optim"
	"github.com/onnxtool/onnxtool/train/report"
)

// trained is what a training leaves: the files of its output folder.
type trained struct {
	model   *onnxio.Model
	beside  []modelPart
	history *train.History
	metrics metrics
	page    report.Report
	again   error // of trainings that were done again: the files are written without what it kept from being drawn
}

// metrics is metrics.json.
type metrics struct {
	Train      map[string]float64 `json:"train"`
	Validation map[string]float64 `json:"validation,omitempty"`
	Test       map[string]float64 `json:"test,omitempty"`
	Parameters int                `json:"parameters"`
	Seconds    float64            `json:"seconds"`
	Seed       uint64             `json:"seed"`
}

// fitTask trains a task as the flags say and measures the result, which is nil where there is none: after
// --find-lr, and where the time was up within the first epoch. An interrupt leaves a checkpoint.
func fitTask(ctx context.Context, e env, task *models.Task, f trainFlags) (*trained, error) {
	cfg, err := trainConfig(task, f)
	if err != nil {
		return nil, err
	}
	if f.fit.tensorboard == "" {
		f.fit.tensorboard = filepath.Join(f.out, "logs")
	}
	if f.again.curve != "" && judged(task) == nil {
		return nil, usagef("--learning-curve: %s has no validation data to draw it with", f.model)
	}
	callbacks, checkpoint, err := f.fit.callbacks(filepath.Join(f.out, "checkpoint.npz"), nil)
	if err != nil {
		return nil, err
	}
	t, err := train.New(task.Net, cfg)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	o := train.FitOptions{
		Epochs:    orInt(f.epochs, task.Epochs),
		Callbacks: append([]train.Callback{newProgress(e.err)}, callbacks...),
	}
	batch := orInt(f.batch, task.Batch)
	if n := task.Train.Len(); f.batch > n {
		return nil, largeBatch(f.batch, n)
	}
	src, err := task.Train.Batches(data.BatchOptions{Size: batch, Shuffle: true, Seed: f.seed})
	if err != nil {
		return nil, err
	}
	if task.Validation != nil {
		if o.Validation, err = task.Validation.Batches(data.BatchOptions{Size: batch}); err != nil {
			return nil, err
		}
	}
	if err := f.fit.steps(e, &o, src.Len(), batch); err != nil {
		return nil, err
	}
	if f.fit.findLR {
		return nil, findLR(ctx, e, t, src, f.out)
	}
	if err := f.fit.load(e, t, checkpoint.Path); err != nil {
		return nil, err
	}
	start := time.Now()
	h, err := t.Fit(ctx, src, o)
	if err != nil {
		return nil, interrupted(ctx, err, checkpoint)
	}
	ended(e, callbacks, t, checkpoint)
	if len(h.Epochs) == 0 {
		return nil, nil
	}
	r := &trained{history: h, metrics: metrics{Parameters: t.NumParams(), Seconds: time.Since(start).Seconds(), Seed: f.seed}}
	return r, r.finish(ctx, e, t, task, src, batch, f)
}

// interrupted adds to an error of Fit where --resume goes on, where ctx was cancelled.
func interrupted(ctx context.Context, err error, c *train.Checkpoint) error {
	if ctx.Err() == nil || c == nil || !c.Exists() {
		return err
	}
	return fmt.Errorf("%w; --resume goes on after epoch %d, step %d, from %s", err, c.Epoch(), c.Steps(), c.Path)
}

// finish measures a trained network and makes what is written of it.
func (r *trained) finish(ctx context.Context, e env, t *train.Trainer, task *models.Task, src data.Source, batch int, f trainFlags) (err error) {
	if err := r.measure(ctx, t, task, batch); err != nil {
		return err
	}
	if r.model, err = t.Model(train.ExportOptions{}); err != nil {
		return err
	}
	if r.beside, err = modelParts(t, task); err != nil {
		return err
	}
	if err := exports(e, t, src, f.exportStep, f.fit.trainingInfo); err != nil {
		return err
	}
	if f.member {
		return nil
	}
	if err := r.describe(ctx, t, task, src, f); err != nil || f.fit.fastDevRun || !f.again.asked() {
		return err
	}
	cfg, err := trainConfig(task, f)
	if err != nil {
		return err
	}
	again := refit{task.Net, cfg, task.Train, judged(task), orInt(f.epochs, task.Epochs), batch}
	r.page.Pictures, r.again = f.again.pictures(ctx, e, again, f.out, r.page.Pictures)
	return nil
}

// judged returns the data that a model is judged by while it is made, nil where there is none.
func judged(task *models.Task) *data.Dataset {
	if task.Validation != nil {
		return task.Validation
	}
	return task.Test
}

// exports writes what --export-step and --training-info ask for, a training step for batches like the source's.
func exports(e env, t *train.Trainer, src data.Source, step, info string) error {
	if step != "" {
		if err := exportStep(src, step, t.StepModel); err != nil {
			return err
		}
		fmt.Fprintf(e.err, "one training step is in %s\n", step)
	}
	if info != "" {
		if err := exportStep(src, info, t.TrainingModel); err != nil {
			return err
		}
		fmt.Fprintf(e.err, "the model with its training is in %s\n", info)
	}
	return nil
}

func exportStep(src data.Source, path string, model func(*data.Batch) (*onnxio.Model, error)) error {
	it, err := src.Epoch(0)
	if err != nil {
		return err
	}
	defer it.Close()
	b, err := it.Next()
	if err != nil {
		return err
	}
	m, err := model(b)
	if err != nil {
		return err
	}
	return onnxio.Save(path, m, onnxio.SaveOptions{})
}

func trainConfig(task *models.Task, f trainFlags) (train.Config, error) {
	cfg := train.Config{Loss: task.Loss, Optimizer: task.Optimizer, Seed: f.seed, Threads: f.threads}
	if f.optimizer != "" || f.lr > 0 {
		name := f.optimizer
		if name == "" {
			name = task.Optimizer.Name()
		}
		var err error
		if cfg.Optimizer, err = optim.Parse(name, f.lr); err != nil {
			return cfg, usageError{err.Error()}
		}
	}
	for _, name := range task.Metrics {
		m, err := metric.Parse(name)
		if err != nil {
			return cfg, err
		}
		cfg.Metrics = append(cfg.Metrics, m)
	}
	return cfg, nil
}

// measure evaluates the trained network on each part of the data.
func (r *trained) measure(ctx context.Context, t *train.Trainer, task *models.Task, batch int) error {
	parts := []struct {
		d   *data.Dataset
		out *map[string]float64
	}{{task.Train, &r.metrics.Train}, {task.Validation, &r.metrics.Validation}, {task.Test, &r.metrics.Test}}
	for _, p := range parts {
		if p.d == nil {
			continue
		}
		src, err := p.d.Batches(data.BatchOptions{Size: batch})
		if err != nil {
			return err
		}
		row, err := t.Evaluate(ctx, src)
		if err != nil {
			return err
		}
		*p.out = map[string]float64{}
		for i, v := range row {
			(*p.out)[r.history.Names[i]] = v
		}
	}
	return nil
}

// write puts the files into the folder and says what came out.
func (r *trained) write(e env, dir string) error {
	model := filepath.Join(dir, "model.onnx")
	if err := onnxio.Save(model, r.model, onnxio.SaveOptions{}); err != nil {
		return err
	}
	if err := writeParts(dir, r.beside); err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(dir, "history.csv"), r.history.WriteCSV); err != nil {
		return err
	}
	err := atomicfile.Write(filepath.Join(dir, "metrics.json"), func(w io.Writer) error {
		j := json.NewEncoder(w)
		j.SetIndent("", "  ")
		return j.Encode(r.metrics)
	})
	if err != nil {
		return err
	}
	if err := report.Write(dir, r.page); err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		m    map[string]float64
	}{{"train", r.metrics.Train}, {"validation", r.metrics.Validation}, {"test", r.metrics.Test}} {
		if p.m == nil {
			continue
		}
		fmt.Fprintf(e.out, "%-10s", p.name)
		for _, n := range r.history.Names[:len(p.m)] {
			fmt.Fprintf(e.out, "  %s %s", n, rounded(p.m[n]))
		}
		fmt.Fprintln(e.out)
	}
	fmt.Fprintf(e.out, "%d parameters, %.1f s; wrote %s\n", r.metrics.Parameters, r.metrics.Seconds, model)
	for _, p := range r.beside {
		fmt.Fprintf(e.out, "%s: %s\n", filepath.Join(dir, p.Name+".onnx"), p.About)
	}
	return nil
}

func orInt(v, def int) int {
	if v == 0 {
		return def
	}
	return v
}
