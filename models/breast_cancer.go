package models

import (
	"bytes"
	_ "embed"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// BreastCancerCSV is the Wisconsin diagnostic breast cancer data (Street, Wolberg, Mangasarian 1993)
// as scikit-learn ships it: 569 rows of 30 measurements; target 1 is benign.
//
//go:embed data/breast_cancer.csv
var BreastCancerCSV []byte

var breastCancer = &Recipe{
	Name: "breast_cancer", Class: "quickstart",
	About:   "benign or malignant from 30 measurements: 100 relu, 1 sigmoid, scaler inside the model",
	prepare: prepareBreastCancer,
}

func prepareBreastCancer(o Options) (*Task, error) {
	t, err := data.ReadCSV(bytes.NewReader(BreastCancerCSV), data.CSVOptions{Name: "breast_cancer.csv"})
	if err != nil {
		return nil, err
	}
	columns := without(t.Names(), "target")
	if t, err = asFloats(t, columns); err != nil {
		return nil, err
	}
	all, err := t.Dataset(data.Roles{Inputs: columns, Target: "target"})
	if err != nil {
		return nil, err
	}
	parts, err := all.SplitStratified(o.Seed, .6, .2, .2)
	if err != nil {
		return nil, err
	}
	b := nn.NewBuilder(o.Seed)
	x, err := numeric(b, parts[0], columns)
	if err != nil {
		return nil, err
	}
	x = b.Apply(&nn.Dense{Units: 100, Activation: "relu"}, x)
	y := b.Apply(&nn.Dense{Units: 1, Activation: "sigmoid"}, x)
	net, err := b.Net(b.Output("probability", y))
	if err != nil {
		return nil, err
	}
	return &Task{
		Net: net, Train: parts[0], Validation: parts[1], Test: parts[2],
		Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{LearningRate: .01}, Metrics: []string{"accuracy", "auc"},
		Epochs: 30, Batch: 32,
	}, nil
}

var bagging = &Recipe{
	Name: "bagging", Class: "4",
	About:   "the same by the mean of ten networks, each trained on a bootstrap sample: one file that averages them; --bagging makes it of any other",
	prepare: prepareBagging,
}

func prepareBagging(o Options) (*Task, error) {
	task, err := prepareBreastCancer(o)
	if err != nil {
		return nil, err
	}
	task.Members = 10
	return task, nil
}
