package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/images"
	"github.com/onnxtool/onnxtool/train/report"
)

// writeReport fills --report's folder with what the fine-tuning has shown. Predictions are those of the written
// model, on the validation data where there is some.
func (f *finetuneFlags) writeReport(ctx context.Context, e env, im *train.Imported, t *train.Trainer, tuned *onnxio.Model, h *train.History, sets *tuningSets, p *finetunePlan) error {
	r := report.Report{
		Title:    "Fine-tuning report: " + filepath.Base(f.out),
		Made:     "Made by onnxtool " + train.Version + ".",
		Pictures: report.HistoryPictures(h),
	}
	for _, n := range h.Names {
		v, _ := h.Last(n)
		name := strings.ReplaceAll(n, "_", " ")
		if rest, ok := strings.CutPrefix(name, "val "); ok {
			name = "validation " + rest
		}
		r.Facts = append(r.Facts, report.Fact{Name: name, Value: figureText(v, 4)})
	}
	r.Facts = append(r.Facts, report.Fact{Name: "trained numbers", Value: strconv.Itoa(t.NumParams())})
	r.Tables = []report.Table{{Title: "Settings", Columns: []string{"setting", "value"}, Rows: [][]string{
		{"loss", p.losses()}, {"optimizer", p.optimizer}, {"learning rate at the end", strconv.FormatFloat(t.LearningRate(), 'g', -1, 64)},
		{"epochs", strconv.Itoa(f.epochs)}, {"batch", strconv.Itoa(sets.batch)}, {"examples", sizeOf(sets.train)},
		{"validation split", strconv.FormatFloat(f.split, 'g', -1, 64)}, {"seed", strconv.FormatUint(f.seed, 10)},
	}}}
	r.Tables = append(r.Tables, report.ModelTables(tuned)...)
	set, err := shownSet(sets)
	if err != nil {
		return err
	}
	o := infer.Options{Threads: f.threads}
	if name := p.outputs[0].name; name != "" && f.headUnits == 0 {
		o.Outputs = []string{name}
	}
	s, err := infer.New(tuned, o)
	if err != nil {
		return fmt.Errorf("the tuned model: %w", err)
	}
	// The session stays open: the decision surface is computed when its picture is drawn.
	validation := set.d
	if set.d, err = p.forOne(set.d); err != nil {
		return err
	}
	pictures, err := judgeSets(ctx, s, []namedSet{set}, f.seed)
	if err != nil {
		return err
	}
	r.Pictures = append(r.Pictures, pictures...)
	r.Pictures = append(r.Pictures, surface(ctx, s, set.d)...)
	src, err := sets.train.Batches(data.BatchOptions{Size: sets.batch, Shuffle: f.shuffle, Seed: f.seed, DropLast: sets.dropLast})
	if err != nil {
		return err
	}
	if pictures, err = parameterPictures(ctx, t, tuned, src); err != nil {
		return err
	}
	r.Pictures = append(r.Pictures, pictures...)
	var again error // the report is written without what it kept from being drawn
	if f.again.asked() {
		r.Pictures, again = f.refit(ctx, e, im, sets, p, validation, r.Pictures)
	}
	if err := report.Write(f.report, r); err != nil {
		return err
	}
	return again
}

// refit adds the pictures that --learning-curve and --threshold-splits ask for.
func (f *finetuneFlags) refit(ctx context.Context, e env, im *train.Imported, sets *tuningSets, p *finetunePlan, validation *data.Dataset, pictures []report.Picture) ([]report.Picture, error) {
	cfg, err := p.config(f) // metrics of its own
	if err != nil {
		return pictures, err
	}
	ds, err := inMemory(sets)
	if err != nil {
		return pictures, err
	}
	weighted, err := f.classWeight.apply(io.Discard, ds)
	if err != nil {
		return pictures, err
	}
	if err := os.MkdirAll(f.report, 0o777); err != nil {
		return pictures, err
	}
	again := refit{im.Net, cfg, weighted.(*data.Dataset), validation, f.epochs, sets.batch}
	return f.again.pictures(ctx, e, again, f.report, pictures)
}

// inMemory returns the training data where trainings can be done again on parts of it.
func inMemory(sets *tuningSets) (*data.Dataset, error) {
	ds, ok := sets.train.(*data.Dataset)
	switch {
	case !ok:
		return nil, usagef("--learning-curve and --threshold-splits take arrays and tables in memory, not folders of images or what --stream reads")
	case sets.dropLast:
		return nil, usagef("--learning-curve and --threshold-splits do not go with a model whose batch is fixed")
	}
	return ds, nil
}

// sizeOf tells the size of a set.
func sizeOf(s tuningSet) string {
	if n := s.Len(); n >= 0 {
		return strconv.Itoa(n)
	}
	return "not counted"
}

// shownSet is what pictures show the predictions of: validation data where there are any. Of what is not held in
// memory there are the first.
func shownSet(sets *tuningSets) (namedSet, error) {
	name, of := "training", sets.train
	if sets.validation != nil {
		name, of = "validation", sets.validation
	}
	if ds, ok := of.(*data.Dataset); ok {
		return namedSet{name, ds}, nil
	}
	var ds *data.Dataset
	var err error
	switch set := of.(type) {
	case *images.Set:
		ds, err = set.First(shownArrays)
	case *arraySet:
		ds, err = set.First(shownArrays)
	case *tableSet:
		ds, err = set.First(shownRows)
	}
	return namedSet{name, ds}, err
}

// What is read for pictures at most.
const (
	shownArrays = 1_000 // which may be images
	shownRows   = 100_000
)
