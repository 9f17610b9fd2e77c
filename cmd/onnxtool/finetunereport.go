package main

import (
	"context"
	"fmt"
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
func (f *finetuneFlags) writeReport(ctx context.Context, t *train.Trainer, tuned *onnxio.Model, h *train.History, sets *tuningSets, p *finetunePlan) error {
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
		r.Facts = append(r.Facts, report.Fact{Name: name, Value: fmt.Sprintf("%.4g", v)})
	}
	r.Facts = append(r.Facts, report.Fact{Name: "trained numbers", Value: strconv.Itoa(t.NumParams())})
	r.Tables = []report.Table{{Title: "Settings", Columns: []string{"setting", "value"}, Rows: [][]string{
		{"loss", p.losses()}, {"optimizer", p.optimizer}, {"learning rate at the end", strconv.FormatFloat(t.LearningRate(), 'g', -1, 64)},
		{"epochs", strconv.Itoa(f.epochs)}, {"batch", strconv.Itoa(sets.batch)}, {"examples", strconv.Itoa(sets.train.Len())},
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
	defer s.Close()
	pictures, err := judgeSets(ctx, s, []namedSet{set}, f.seed)
	if err != nil {
		return err
	}
	r.Pictures = append(r.Pictures, pictures...)
	return report.Write(f.report, r)
}

// shownSet is what pictures show the predictions of: validation data where there are any. Of images there are as many
// as are read at a time.
func shownSet(sets *tuningSets) (namedSet, error) {
	name, of := "training", sets.train
	if sets.validation != nil {
		name, of = "validation", sets.validation
	}
	if ds, ok := of.(*data.Dataset); ok {
		return namedSet{name, ds}, nil
	}
	ds, err := of.(*images.Set).First(shownPhotos)
	return namedSet{name, ds}, err
}

// shownPhotos bounds the images that are read for pictures.
const shownPhotos = 1000
