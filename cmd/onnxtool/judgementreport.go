package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/report"
)

// writeReport fills the folder.
func (j *judgement) writeReport(ctx context.Context, path string, m *onnxio.Model, f *evaluateFlags, c *csvRun) error {
	r := report.Report{
		Title: "Evaluation of " + filepath.Base(path),
		Lead:  fmt.Sprintf("Predictions of %s on the %d rows of %s.", f.target, j.Rows, filepath.Base(f.table.csv)),
		Made:  "Made by onnxtool " + train.Version + ".",
	}
	figures := report.Table{Title: "Figures", Columns: []string{"figure", "value"}}
	for _, s := range j.Scores {
		name := strings.ReplaceAll(s.Name, "_", " ")
		r.Facts = append(r.Facts, report.Fact{Name: name, Value: figureText(s.Value, 4)})
		figures.Rows = append(figures.Rows, []string{name, scoreText(s.Value)})
	}
	if j.Task == report.Binary {
		figures.Note = fmt.Sprintf("A score %s %.6g is a positive decision; F1 is best from %.6g on.", j.word(), j.Threshold, j.BestThreshold)
	}
	r.Tables = append(r.Tables, figures)
	if j.Classes != nil {
		classes := report.Table{Title: "Classes", Columns: []string{"class", "precision", "recall", "F1", "rows"}, Folded: len(j.Classes) > 12}
		for _, c := range j.Classes {
			classes.Rows = append(classes.Rows, []string{c.Label, fmt.Sprintf("%.4f", c.Precision), fmt.Sprintf("%.4f", c.Recall), fmt.Sprintf("%.4f", c.F1), fmt.Sprintf("%.0f", c.Support)})
		}
		r.Tables = append(r.Tables, classes)
	}
	r.Tables = append(r.Tables, report.ModelTables(m)...)
	var err error
	if r.Pictures, err = report.Pictures([]report.Assessed{{Assessment: j.Assessment}}, j.seed); err != nil {
		return err
	}
	more, err := j.modelPictures(ctx, m, f, c)
	if err != nil {
		return err
	}
	r.Pictures = append(r.Pictures, more...)
	if err := report.Write(f.table.out, r); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(f.table.out, "metrics.json"), j.writeJSON)
}

// modelPictures draws what there is to see of the model beside its predictions: the decision surface, the rows' places
// in a hidden layer, embeddings and weights.
func (j *judgement) modelPictures(ctx context.Context, m *onnxio.Model, f *evaluateFlags, c *csvRun) ([]report.Picture, error) {
	pictures := j.surface(ctx, f, c)
	if f.latent != "" {
		latent, err := j.latent(ctx, m, f)
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, latent...)
	}
	embeddings, err := report.EmbeddingPictures(m)
	if err != nil {
		return nil, err
	}
	var weights []train.NamedTensor
	for _, t := range m.Graph.Initializer {
		if t.DType().IsFloat() && len(t.Dims) > 0 {
			v, err := t.Value()
			if err != nil {
				return nil, err
			}
			weights = append(weights, train.NamedTensor{Name: t.Name, Tensor: v})
		}
	}
	return append(append(pictures, embeddings...), report.ParameterPictures(weights, nil)...), nil
}

// surface draws the decisions over the plane of a model's two inputs, nothing for another model.
func (j *judgement) surface(ctx context.Context, f *evaluateFlags, c *csvRun) []report.Picture {
	if j.truth == nil || len(j.Counts) > mostSurfaceClasses {
		return nil
	}
	output := c.runner.Outputs()[0].Name
	plane := report.Surface{Classes: j.truth, Labels: j.Labels}
	if len(f.table.columns) == 2 {
		plane.Inputs = [2]string(f.table.columns)
	}
	return surfacePictures(plane, c.inputs, func(in map[string]tensor.Any, n int) (tensor.Any, error) {
		part := csvRun{runner: c.runner, inputs: in, rows: n, batch: c.batch, fixed: c.fixed}
		out, err := part.run(ctx)
		if err != nil || !f.logits {
			return out[output], err
		}
		return report.Probabilities(out[output])
	})
}

// latent draws where a value of the model puts the rows of the table.
func (j *judgement) latent(ctx context.Context, m *onnxio.Model, f *evaluateFlags) ([]report.Picture, error) {
	table := f.table
	table.outputs = []string{f.latent}
	r, err := table.open(m)
	if err != nil {
		return nil, fmt.Errorf("--latent %s: %w", f.latent, err)
	}
	defer r.Close()
	t, _, _, err := f.read(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("--latent %s: %w", f.latent, err)
	}
	rows, err := report.Rows(t)
	if err != nil {
		return nil, fmt.Errorf("--latent %s: %w", f.latent, err)
	}
	return report.Points{Rows: rows, Classes: j.truth, Labels: j.Labels, File: "latent", What: "rows at " + f.latent}.Pictures()
}
