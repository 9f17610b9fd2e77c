package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/report"
)

// parameterPictures draws the embeddings of a trained model, its trained parameters, and their gradients of a batch.
func parameterPictures(ctx context.Context, t *train.Trainer, m *onnxio.Model, src data.Source) ([]report.Picture, error) {
	pictures, err := report.EmbeddingPictures(m)
	if err != nil {
		return nil, err
	}
	it, err := src.Epoch(0)
	if err != nil {
		return nil, err
	}
	defer it.Close()
	b, err := it.Next()
	if err != nil {
		return nil, err
	}
	_, gradients, err := t.Gradients(ctx, b)
	if err != nil {
		return nil, err
	}
	var params []train.NamedTensor
	for _, p := range t.Params() {
		if t.Trainable(p.Name) {
			params = append(params, p)
		}
	}
	return append(pictures, report.ParameterPictures(params, gradients)...), nil
}

// mostSurfaceClasses is the most classes that a decision surface is drawn of.
const mostSurfaceClasses = 10

// surface draws what a classifier of two numbers decides all over their plane, nothing for another model.
func surface(ctx context.Context, s infer.Runner, d *data.Dataset) []report.Picture {
	if d.Target() == nil || len(s.Outputs()) != 1 {
		return nil
	}
	labels, classes, err := data.Labels(d.Target())
	if err != nil || classes > mostSurfaceClasses {
		return nil
	}
	return surfacePictures(report.Surface{Classes: labels}, d.Inputs(), func(in map[string]tensor.Any, n int) (tensor.Any, error) {
		all, err := data.New(in, nil, nil)
		if err != nil {
			return nil, err
		}
		return predictAll(ctx, s, all)
	})
}

// surfacePictures draws a decision surface over two numbers: one input [n,2], or two inputs of a number each. What
// has other inputs, or outputs that are no probabilities, has none.
func surfacePictures(f report.Surface, inputs map[string]tensor.Any, run func(map[string]tensor.Any, int) (tensor.Any, error)) []report.Picture {
	p := planeOf(inputs)
	if p == nil || len(f.Classes) != len(p.points) {
		return nil
	}
	f.Points = p.points
	if f.Inputs == [2]string{} {
		f.Inputs = p.names
	}
	f.Predict = func(points [][2]float64) ([][]float64, error) {
		t, err := run(p.inputs(points), len(points))
		if err != nil {
			return nil, err
		}
		return probabilities(t, len(points))
	}
	if _, err := f.Predict(p.points[:1]); err != nil {
		return nil
	}
	f.Title = "Decision surface"
	return []report.Picture{{Name: "surface", Caption: "What the model decides all over the plane of its two inputs, with the examples.", Figure: f}}
}

// probabilities returns the rows of an output [n] or [n,c] that are from 0 to 1.
func probabilities(t tensor.Any, n int) ([][]float64, error) {
	t, err := tensor.WithShape(t, tensor.Shape{n, t.Len() / max(1, n)})
	if err != nil {
		return nil, err
	}
	out, err := report.Rows(t)
	if err != nil {
		return nil, err
	}
	for _, v := range slices.Concat(out...) {
		if v < -1e-5 || v > 1+1e-5 {
			return nil, fmt.Errorf("the model's output %v is no probability", v)
		}
	}
	return out, nil
}

// twoInputs are examples of two numbers, and how a model takes them.
type twoInputs struct {
	names  [2]string
	points [][2]float64
	shapes map[string]tensor.Shape // by input, without the first axis
	order  []string                // of the inputs
}

// planeOf finds two numbers in the inputs of a model, nil where there are not just two of float32.
func planeOf(inputs map[string]tensor.Any) *twoInputs {
	p := &twoInputs{shapes: map[string]tensor.Shape{}, order: slices.Sorted(maps.Keys(inputs))}
	var columns [][]float32
	width := 0
	for _, name := range p.order {
		values := tensor.Data[float32](inputs[name])
		shape := inputs[name].Shape()
		if values == nil || shape.Rank() < 1 || shape[0] == 0 {
			return nil
		}
		columns = append(columns, values)
		p.shapes[name] = shape[1:]
		width += len(values) / shape[0]
	}
	if width != 2 {
		return nil
	}
	if len(columns) == 2 {
		p.names = [2]string{p.order[0], p.order[1]}
		for i, v := range columns[0] {
			p.points = append(p.points, [2]float64{float64(v), float64(columns[1][i])})
		}
		return p
	}
	for i := 0; i < len(columns[0]); i += 2 {
		p.points = append(p.points, [2]float64{float64(columns[0][i]), float64(columns[0][i+1])})
	}
	return p
}

// inputs puts points in the form that the model takes.
func (p *twoInputs) inputs(points [][2]float64) map[string]tensor.Any {
	in := map[string]tensor.Any{}
	k := 0
	for _, name := range p.order {
		t := tensor.Zeros[float32](append(tensor.Shape{len(points)}, p.shapes[name]...)...)
		w := t.Len() / max(1, len(points))
		for i, at := range points {
			for j := range w {
				t.Data()[i*w+j] = float32(at[k+j])
			}
		}
		k += w
		in[name] = t
	}
	return in
}
