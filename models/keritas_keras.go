package models

import (
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var keritasKeras = &Recipe{
	Name: "keritas_keras", Class: "3",
	About:   "keritas as the course writes it in Keras: 3 linear, 2 sigmoid, 1 sigmoid, cross-entropy, decaying learning rate",
	Data:    keritas.Data,
	File:    "clase_2_train_data.csv",
	prepare: prepareKeritasKeras,
}

func prepareKeritasKeras(o Options) (*Task, error) {
	task, err := planeTask(o.Path)
	if err != nil {
		return nil, err
	}
	task.Loss = loss.BinaryCrossentropy{}
	task.Optimizer = optim.SGD{Momentum: .001, Options: optim.Options{Schedule: optim.TimeDecay(.1, .1)}}
	task.Epochs, task.Batch = 1500, 256
	task.Net, err = nn.Sequential(o.Seed, nn.Input{Shape: []int{2}},
		&nn.Dense{Units: 3},
		&nn.Dense{Units: 2, Activation: "sigmoid"},
		&nn.Dense{Units: 1, Activation: "sigmoid"})
	return task, err
}
