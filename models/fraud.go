package models

import (
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var fraud = &Recipe{
	Name: "fraud", Class: "4",
	About:    "card fraud, 492 of 284,807 payments: 256 linear, 256 relu, 256 relu, 1 sigmoid",
	Data:     "creditcard.csv (Time, V1 to V28, Amount, Class); without it payments are generated",
	File:     "creditcard.csv",
	Optional: true,
	Variants: []Variant{
		{"plain", "as it is"},
		{"dropout", "half of the units dropped between the layers"},
		{"class_weights", "dropout, and both classes weigh the same"},
		{"undersampling", "dropout, and ten ordinary payments for each fraud"},
	},
	Options: []string{"Rows"},
	prepare: prepareFraud,
}

func prepareFraud(o Options) (*Task, error) {
	columns := fraudColumns()
	t, err := fraudTable(o)
	if err != nil {
		return nil, err
	}
	if err := twoClasses(t, "Class"); err != nil {
		return nil, err
	}
	if t, err = asFloats(t, append(columns, "Class")); err != nil {
		return nil, err
	}
	all, err := t.Dataset(data.Roles{Inputs: columns, Target: "Class"})
	if err != nil {
		return nil, err
	}
	parts, err := all.SplitStratified(o.Seed, .8, .2)
	if err != nil {
		return nil, err
	}
	net, err := fraudNet(o, parts[0], columns)
	if err != nil {
		return nil, err
	}
	task := &Task{
		Net: net, Train: parts[0], Validation: parts[1],
		Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{LearningRate: .01},
		Metrics: []string{"false_negatives", "false_positives", "true_negatives", "true_positives", "precision", "recall"},
		Epochs:  30, Batch: 2048,
	}
	if o.Path == "" {
		// At .01 the form with dropout keeps to the share of frauds and finds none, in Keras as here.
		task.Optimizer = optim.Adam{LearningRate: .001}
		task.Warnings = []string{"the payments are generated, and the learning rate is 0.001 for them; --data creditcard.csv trains on the real ones, at the course's 0.01"}
	}
	switch o.Variant {
	case "class_weights":
		task.Train, err = task.Train.Balance()
	case "undersampling":
		task.Train, err = task.Train.Undersample(.1, o.Seed)
	}
	return task, err
}

func fraudNet(o Options, train *data.Dataset, columns []string) (*nn.Net, error) {
	b := nn.NewBuilder(o.Seed)
	x, err := numeric(b, train, columns)
	if err != nil {
		return nil, err
	}
	for _, activation := range []string{"linear", "relu", "relu"} {
		x = b.Apply(&nn.Dense{Units: 256, Activation: activation}, x)
		if o.Variant != "plain" {
			x = b.Apply(&nn.Dropout{Rate: .5}, x)
		}
	}
	return b.Net(b.Output("probability", b.Apply(&nn.Dense{Units: 1, Activation: "sigmoid"}, x)))
}
