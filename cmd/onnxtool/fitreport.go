package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/report"
)

// describe puts together what report.html says of a training. Its figures are those of the exported model, run
// as a user of it would.
func (r *trained) describe(ctx context.Context, t *train.Trainer, task *models.Task, src data.Source, f trainFlags) error {
	p := &r.page
	p.Title = "Training report"
	if f.model != "" {
		p.Title = "Training report: " + f.model
	}
	p.Warnings = task.Warnings
	p.Facts = r.facts()
	p.Made = "Made by onnxtool " + train.Version + "."
	p.Pictures = report.HistoryPictures(r.history)
	p.Tables = []report.Table{r.figuresTable(), settingsTable(t, task, f)}
	s, err := infer.New(r.model, infer.Options{Threads: f.threads})
	if err != nil {
		return fmt.Errorf("the exported model: %w", err)
	}
	// The session stays open: the decision surface is computed when its picture is drawn.
	sets := []namedSet{{"validation", task.Validation}, {"test", task.Test}}
	if task.Validation == nil && task.Test == nil {
		sets = []namedSet{{"training", task.Train}}
	}
	pictures, err := judgeSets(ctx, s, sets, f.seed)
	if err != nil {
		return err
	}
	p.Pictures = append(p.Pictures, pictures...)
	if pictures, err = r.imagePictures(ctx, task, f.seed); err != nil {
		return err
	}
	p.Pictures = append(p.Pictures, pictures...)
	p.Pictures = append(p.Pictures, surface(ctx, s, task.Train)...)
	if pictures, err = parameterPictures(ctx, t, r.model, src); err != nil {
		return err
	}
	p.Pictures = append(p.Pictures, pictures...)
	p.Tables = append(p.Tables, report.ModelTables(r.model)...)
	return nil
}

// facts are the figures on top: of the validation data where there is one.
func (r *trained) facts() []report.Fact {
	part, figures := "validation", r.metrics.Validation
	if figures == nil {
		part, figures = "training", r.metrics.Train
	}
	var facts []report.Fact
	for _, n := range r.history.Names {
		if v, ok := figures[n]; ok {
			facts = append(facts, report.Fact{Name: part + " " + strings.ReplaceAll(n, "_", " "), Value: figureText(v, 4)})
		}
	}
	return append(facts,
		report.Fact{Name: "parameters", Value: strconv.Itoa(r.metrics.Parameters)},
		report.Fact{Name: "epochs", Value: strconv.Itoa(len(r.history.Epochs))},
		report.Fact{Name: "training time", Value: fmt.Sprintf("%.1f s", r.metrics.Seconds)})
}

// figureText is a figure as a reader takes it in: counts whole, others to some digits.
func figureText(v float64, digits int) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e9 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', digits, 64)
}

// parts lists the figures of each part of the data.
func (r *trained) parts() []partFigures {
	return slices.DeleteFunc([]partFigures{{"training", r.metrics.Train}, {"validation", r.metrics.Validation}, {"test", r.metrics.Test}},
		func(p partFigures) bool { return p.figures == nil })
}

type partFigures struct {
	name    string
	figures map[string]float64
}

func (r *trained) figuresTable() report.Table {
	t := report.Table{Title: "Figures of each part of the data", Columns: []string{"part"}, Note: "With the final parameters."}
	for i, p := range r.parts() {
		row := []string{p.name}
		for _, n := range r.history.Names[:len(p.figures)] {
			if i == 0 {
				t.Columns = append(t.Columns, strings.ReplaceAll(n, "_", " "))
			}
			row = append(row, figureText(p.figures[n], 5))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func settingsTable(t *train.Trainer, task *models.Task, f trainFlags) report.Table {
	optimizer := task.Optimizer.Name()
	if f.optimizer != "" {
		optimizer = f.optimizer
	}
	rows := [][]string{
		{"loss", strings.ReplaceAll(task.Loss.Name(), "_", " ")},
		{"optimizer", optimizer},
		{"learning rate at the end", strconv.FormatFloat(t.LearningRate(), 'g', -1, 64)},
		{"batch", strconv.Itoa(orInt(f.batch, task.Batch))},
		{"epochs", strconv.Itoa(orInt(f.epochs, task.Epochs))},
		{"seed", strconv.FormatUint(f.seed, 10)},
	}
	for _, p := range []struct {
		name string
		d    *data.Dataset
	}{{"training examples", task.Train}, {"validation examples", task.Validation}, {"test examples", task.Test}} {
		if p.d != nil {
			rows = append(rows, []string{p.name, strconv.Itoa(p.d.Len())})
		}
	}
	return report.Table{Title: "Settings", Columns: []string{"setting", "value"}, Rows: rows}
}

// namedSet is a part of the data.
type namedSet struct {
	name string
	d    *data.Dataset // nil where there is none
}

// judgeSets assesses a model's predictions on parts of the data and draws them. A model of several outputs, or
// whose predictions are neither classes nor numbers of one column, has no such pictures.
func judgeSets(ctx context.Context, s infer.Runner, sets []namedSet, seed uint64) ([]report.Picture, error) {
	var parts []report.Assessed
	for _, set := range sets {
		if set.d == nil || set.d.Len() == 0 || set.d.Target() == nil || len(s.Outputs()) != 1 {
			continue
		}
		head, err := set.d.Slice(0, min(set.d.Len(), 64))
		if err != nil {
			return nil, err
		}
		predicted, err := predictAll(ctx, s, head)
		if err != nil || report.TaskOf(head.Target(), predicted) == report.Unknown {
			return nil, err
		}
		if predicted, err = predictAll(ctx, s, set.d); err != nil {
			return nil, err
		}
		kind := report.TaskOf(set.d.Target(), predicted)
		if kind == report.Unknown {
			return nil, nil
		}
		a, err := report.Assess(kind, set.d.Target(), predicted, report.AssessOptions{})
		if err != nil {
			return nil, err
		}
		parts = append(parts, report.Assessed{Name: set.name, Assessment: a})
	}
	return report.Pictures(parts, seed)
}

// predictAll runs a model of one output on all examples.
func predictAll(ctx context.Context, s infer.Runner, d *data.Dataset) (tensor.Any, error) {
	var parts []tensor.Any
	for lo := 0; lo < d.Len(); lo += maxRows {
		some, err := d.Slice(lo, min(d.Len(), lo+maxRows))
		if err != nil {
			return nil, err
		}
		out, err := s.Run(ctx, some.Inputs())
		if err != nil {
			return nil, err
		}
		t := out[s.Outputs()[0].Name]
		if t.Shape().Rank() == 0 || t.Shape()[0] != some.Len() {
			return nil, fmt.Errorf("output %s is %v%v for %d examples", s.Outputs()[0].Name, t.DType(), t.Shape(), some.Len())
		}
		parts = append(parts, t)
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("the data has no examples")
	}
	return join(parts)
}
