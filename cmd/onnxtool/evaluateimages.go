package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// evaluatedImages is how many images one run gets, where the model leaves it open.
const evaluatedImages = 32

// predictImages is predictTable for every image of the folder; the target is the images' classes. Classes that are not named
// by a flag are the folders: in the order of the model's columns, and of two the second is the positive one.
func (f *evaluateFlags) predictImages(ctx context.Context, r infer.Runner) (tensor.Any, *data.Column, *csvRun, error) {
	ins := r.Inputs()
	if len(ins) != 1 {
		return nil, nil, nil, fmt.Errorf("%s is a folder of images, and the model has %d inputs", f.table.csv, len(ins))
	}
	form, err := imageForm(ins[0], f.pixels)
	if err != nil {
		return nil, nil, nil, err
	}
	form.Dir, form.KeepOrder = f.table.csv, true
	set, err := form.Open()
	if err != nil {
		return nil, nil, nil, err
	}
	f.target = "class"
	var names []string
	for _, label := range set.Labels() {
		names = append(names, set.Classes()[label])
	}
	if f.positive == "" && f.classes == nil {
		f.classes = set.Classes()
	}
	o := data.BatchOptions{Size: evaluatedImages}
	if n := ins[0].Shape[0].Size; n > 0 {
		o = data.BatchOptions{Size: n}
		if set.Len()%n != 0 {
			return nil, nil, nil, fmt.Errorf("input %s is %v: its batch is fixed at %d, and %d images are no whole number of batches", ins[0].Name, ins[0], n, set.Len())
		}
	}
	src, err := set.Batches(o)
	if err != nil {
		return nil, nil, nil, err
	}
	all, err := predictSource(ctx, r, src)
	return all, data.Strings(f.target, names, nil), &csvRun{runner: r}, err
}

// predictSource runs a model of one output on an epoch of a source.
func predictSource(ctx context.Context, r infer.Runner, src data.Source) (tensor.Any, error) {
	it, err := src.Epoch(0)
	if err != nil {
		return nil, err
	}
	defer it.Close()
	defer data.InterruptAfter(ctx, it)()
	name := r.Outputs()[0].Name
	var parts []tensor.Any
	for {
		b, err := it.Next()
		if errors.Is(err, io.EOF) {
			return join(parts)
		}
		if err != nil {
			return nil, err
		}
		out, err := r.Run(ctx, b.Inputs)
		if err != nil {
			return nil, err
		}
		t := out[name]
		if t.Shape().Rank() == 0 || t.Shape()[0] != b.N {
			return nil, fmt.Errorf("output %s is %v%v for %d images", name, t.DType(), t.Shape(), b.N)
		}
		parts = append(parts, t)
	}
}
