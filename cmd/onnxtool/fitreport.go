package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/report"
)

// describe puts together what report.html says of a training. Its figures are those of the exported model, run
// as a user of it would.
func (r *trained) describe(ctx context.Context, t *train.Trainer, task *models.Task, f trainFlags) error {
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
	defer s.Close()
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
	if surface := r.surface(ctx, task); surface != nil {
		p.Pictures = append(p.Pictures, *surface)
	}
	p.Pictures = append(p.Pictures, parameterPictures(t, task)...)
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
			facts = append(facts, report.Fact{Name: part + " " + strings.ReplaceAll(n, "_", " "), Value: fmt.Sprintf("%.4g", v)})
		}
	}
	return append(facts,
		report.Fact{Name: "parameters", Value: strconv.Itoa(r.metrics.Parameters)},
		report.Fact{Name: "epochs", Value: strconv.Itoa(len(r.history.Epochs))},
		report.Fact{Name: "training time", Value: fmt.Sprintf("%.1f s", r.metrics.Seconds)})
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
			row = append(row, fmt.Sprintf("%.5g", p.figures[n]))
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

// surface draws what a classifier of two numbers decides all over the plane, nil for another model.
func (r *trained) surface(ctx context.Context, task *models.Task) *report.Picture {
	d := task.Train
	inputs := d.Inputs()
	if len(inputs) != 1 || d.Target() == nil {
		return nil
	}
	name := d.Names()[0]
	x, ok := inputs[name].(*tensor.Tensor[float32])
	if !ok || x.Shape().Rank() != 2 || x.Shape()[1] != 2 {
		return nil
	}
	labels, classes, err := data.Labels(d.Target())
	if err != nil || classes > 6 {
		return nil
	}
	f := report.Surface{Classes: labels, Title: "Decision surface, training data", Predict: planePredictor(ctx, r.model, name)}
	for i := range d.Len() {
		f.Points = append(f.Points, [2]float64{float64(x.Data()[2*i]), float64(x.Data()[2*i+1])})
	}
	return &report.Picture{Name: "surface", Caption: "What the model decides all over the plane of its two inputs, with the examples that it was trained on.", Figure: f}
}

// planePredictor runs a model with one input of two numbers and one output.
func planePredictor(ctx context.Context, m *onnxio.Model, input string) func([][2]float64) ([][]float64, error) {
	return func(points [][2]float64) ([][]float64, error) {
		s, err := infer.New(m, infer.Options{})
		if err != nil {
			return nil, err
		}
		defer s.Close()
		x := tensor.Zeros[float32](len(points), 2)
		for i, p := range points {
			x.Data()[2*i], x.Data()[2*i+1] = float32(p[0]), float32(p[1])
		}
		d, err := data.New(map[string]tensor.Any{input: x}, nil, nil)
		if err != nil {
			return nil, err
		}
		t, err := predictAll(ctx, s, d)
		if err != nil {
			return nil, err
		}
		values := tensor.Data[float32](t)
		if values == nil || len(points) == 0 || len(values)%len(points) != 0 {
			return nil, fmt.Errorf("the model's output is %v%v", t.DType(), t.Shape())
		}
		c := len(values) / len(points)
		out := make([][]float64, len(points))
		for i := range out {
			for _, v := range values[i*c : (i+1)*c] {
				out[i] = append(out[i], float64(v))
			}
		}
		return out, nil
	}
}

// parameterPictures draws the trained parameters: how their numbers are distributed, and where an embedding's
// rows lie.
func parameterPictures(t *train.Trainer, task *models.Task) []report.Picture {
	trainable := map[string]bool{}
	for _, p := range task.Net.Params {
		trainable[p.Value.Name] = p.Trainable
	}
	var samples []report.Sample
	var embeddings []report.Picture
	for _, p := range t.Params() {
		values := tensor.Data[float32](p.Tensor)
		if !trainable[p.Name] || values == nil {
			continue
		}
		if len(samples) < 12 {
			s := report.Sample{Name: p.Name, Values: make([]float64, len(values))}
			for i, v := range values {
				s.Values[i] = float64(v)
			}
			samples = append(samples, s)
		}
		if strings.Contains(p.Name, "embedding") && p.Tensor.Shape().Rank() == 2 && len(embeddings) < 4 {
			if pic, ok := embeddingPicture(p.Name, values, p.Tensor.Shape()[1]); ok {
				pic.Name = "embedding_" + strconv.Itoa(len(embeddings))
				embeddings = append(embeddings, pic)
			}
		}
	}
	if len(samples) == 0 {
		return nil
	}
	weights := report.Picture{Name: "weights", Caption: "The numbers of each trained parameter.", Figure: report.Histograms{Samples: samples}}
	return append(embeddings, weights)
}

// embeddingPicture projects an embedding's rows, of d numbers each, to the plane.
func embeddingPicture(name string, values []float32, d int) (report.Picture, bool) {
	var rows [][]float64
	for i := 0; i+d <= len(values) && len(rows) < 5000; i += d {
		row := make([]float64, d)
		for j := range row {
			row[j] = float64(values[i+j])
		}
		rows = append(rows, row)
	}
	p, err := report.Project(rows)
	if err != nil {
		return report.Picture{}, false // one row, one number, or a training that went astray
	}
	return report.Picture{
		Caption: "The rows of " + name + ", projected to the plane in which they differ most (principal components).",
		Figure:  report.Scatter{Points: p.Points, Axes: p.Axes(), Title: "Rows of " + name},
	}, true
}
