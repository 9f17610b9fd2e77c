package models

import (
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var heart = &Recipe{
	Name: "heart", Class: "3",
	About:   "heart disease from 13 findings: 128 linear, 64 relu, 2 softmax, RMSprop",
	Data:    "heart_disease.csv",
	File:    "heart_disease.csv",
	prepare: prepareHeart,
}

// heartColumns are the findings beside gender, which is text.
var heartColumns = []string{
	"age", "chest_pain", "resting_blood_pressure", "serum_cholestoral", "fasting_blood_sugar", "resting_electro",
	"max_heart_rate", "exer_angina", "oldpeak", "slope", "num_vessels_flour", "thal",
}

func prepareHeart(o Options) (*Task, error) {
	t, err := loadTable(o.Path, data.CSVOptions{Kinds: map[string]data.Kind{"gender": data.String, "has_heart_disease": data.String}})
	if err != nil {
		return nil, err
	}
	if t, err = t.Select(append([]string{"gender", "has_heart_disease"}, heartColumns...)...); err != nil {
		return nil, err
	}
	t, warnings, err := complete(t)
	if err != nil {
		return nil, err
	}
	if t, err = asFloats(t, heartColumns); err != nil {
		return nil, err
	}
	answer, err := t.Column("has_heart_disease")
	if err != nil {
		return nil, err
	}
	all, err := t.Dataset(data.Roles{Inputs: append([]string{"gender"}, heartColumns...)})
	if err != nil {
		return nil, err
	}
	classes, err := answer.ClassNumbers([]string{"no", "yes"})
	if err != nil {
		return nil, err
	}
	hot := tensor.Zeros[float32](t.Rows(), 2)
	for i, k := range classes {
		hot.Data()[2*i+int(k)] = 1
	}
	if all, err = all.WithTarget(hot); err != nil {
		return nil, err
	}
	parts, err := all.SplitStratified(o.Seed, .8, .2)
	if err != nil {
		return nil, err
	}
	net, err := heartNet(o, parts[0])
	if err != nil {
		return nil, err
	}
	return &Task{
		Net: net, Train: parts[0], Validation: parts[1],
		Loss: loss.CategoricalCrossentropy{}, Optimizer: optim.RMSprop{}, Metrics: []string{"accuracy"},
		Epochs: 40, Batch: 32, Warnings: warnings,
	}, nil
}

func heartNet(o Options, train *data.Dataset) (*nn.Net, error) {
	b := nn.NewBuilder(o.Seed)
	x, err := numeric(b, train, heartColumns)
	if err != nil {
		return nil, err
	}
	gender := b.Input(nn.Input{Name: "gender", Shape: []int{1}, DType: tensor.String})
	male := b.Cast(b.Op("Equal", gender, b.Const(tensor.Scalar("male"))), tensor.Float32)
	x = b.Apply(&nn.Concatenate{}, x, male)
	x = b.Apply(&nn.Dense{Units: 128}, x)
	x = b.Apply(&nn.Dense{Units: 64, Activation: "relu"}, x)
	return b.Net(b.Output("probabilities", b.Apply(&nn.Dense{Units: 2, Activation: "softmax"}, x)))
}
