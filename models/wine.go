package models

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var wine = &Recipe{
	Name: "wine", Class: "7",
	About:   "whether a wine's quality is 6 or better: type one-hot and 11 measurements, 100 relu, 1 sigmoid",
	Data:    "class_7_wine_dataset_v2.csv",
	File:    "class_7_wine_dataset_v2.csv",
	Options: []string{"WithVendor"},
	prepare: prepareWine,
}

// wineColumns are the measurements.
var wineColumns = []string{
	"fixed acidity", "volatile acidity", "citric acid", "residual sugar", "chlorides", "free sulfur dioxide",
	"total sulfur dioxide", "density", "pH", "sulphates", "alcohol",
}

func prepareWine(o Options) (*Task, error) {
	t, err := loadTable(o.Path, data.CSVOptions{Kinds: map[string]data.Kind{"type": data.String, "quality": data.Int, "vendor_id": data.Int}})
	if err != nil {
		return nil, err
	}
	quality, err := t.Column("quality")
	if err != nil {
		return nil, err
	}
	good := derived("good", t.Rows(), func(i int) float64 {
		switch {
		case quality.Missing(i):
			return math.NaN()
		case quality.Ints()[i] >= 6:
			return 1
		}
		return 0
	})
	if t, err = t.With(good); err != nil {
		return nil, err
	}
	used := append([]string{"type", "vendor_id", "good"}, wineColumns...)
	if t, err = t.Select(used...); err != nil {
		return nil, err
	}
	t, warnings, err := complete(t)
	if err != nil {
		return nil, err
	}
	if t, err = asFloats(t, wineColumns); err != nil {
		return nil, err
	}
	inputs := append([]string{"type"}, wineColumns...)
	task := &Task{
		Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{LearningRate: .01}, Metrics: []string{"accuracy", "auc"},
		Epochs: 10, Batch: 64, Warnings: warnings,
	}
	if o.WithVendor {
		inputs = append(inputs, "vendor_id")
		task.Batch = 16
		leaking, err := leaks(t, "good")
		if err != nil {
			return nil, err
		}
		task.Warnings = append(task.Warnings, leaking...)
	}
	all, err := t.Dataset(data.Roles{Inputs: inputs, Target: "good"})
	if err != nil {
		return nil, err
	}
	parts, err := all.SplitStratified(o.Seed, .7, .2, .1)
	if err != nil {
		return nil, err
	}
	task.Train, task.Validation, task.Test = parts[0], parts[1], parts[2]
	task.Net, err = wineNet(o, task.Train)
	return task, err
}

func wineNet(o Options, train *data.Dataset) (*nn.Net, error) {
	b := nn.NewBuilder(o.Seed)
	kind, err := category(b, train, "type")
	if err != nil {
		return nil, err
	}
	x, err := numeric(b, train, wineColumns)
	if err != nil {
		return nil, err
	}
	parts := []*nn.Value{kind, x}
	if o.WithVendor {
		in := b.Input(nn.Input{Name: "vendor_id", Shape: []int{1}, DType: tensor.Int64})
		lookup := &nn.IntegerLookup{Name: "vendor"}
		if err := lookup.Adapt(train.Inputs()["vendor_id"]); err != nil {
			return nil, err
		}
		e := b.Apply(&nn.Embedding{InputDim: lookup.Size(), OutputDim: 8}, b.Apply(lookup, in))
		parts = append([]*nn.Value{b.Apply(&nn.Flatten{}, e)}, parts...)
	}
	h := b.Apply(&nn.Dense{Units: 100, Activation: "relu"}, b.Apply(&nn.Concatenate{}, parts...))
	return b.Net(b.Output("probability", b.Apply(&nn.Dense{Units: 1, Activation: "sigmoid"}, h)))
}

// leaks returns a warning for each column that alone predicts the target almost perfectly.
func leaks(t *data.Table, target string) ([]string, error) {
	var out []string
	for _, c := range t.Columns() {
		if c.Name() == target {
			continue
		}
		auc, err := t.PredictivePower(c.Name(), target)
		if err != nil {
			return nil, err
		}
		if auc > .98 {
			out = append(out, fmt.Sprintf("column %s alone predicts %s almost perfectly (AUC %.3f on rows that were held out): a leak, unless it is known before the prediction is asked for", c.Name(), target, auc))
		}
	}
	return out, nil
}
