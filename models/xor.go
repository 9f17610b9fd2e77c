package models

import (
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var xor = &Recipe{
	Name: "xor", Class: "1",
	About:   "exclusive or: 2-2-1 sigmoid, mean squared error, gradient descent with momentum",
	prepare: prepareXOR,
}

func prepareXOR(o Options) (*Task, error) {
	x := tensor.Must([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	y := tensor.Must([]float32{0, 1, 1, 0}, 4, 1)
	all, err := data.New(map[string]tensor.Any{"input": x}, y, nil)
	if err != nil {
		return nil, err
	}
	net, err := nn.Sequential(o.Seed, nn.Input{Shape: []int{2}},
		&nn.Dense{Units: 2, Activation: "sigmoid", KernelInitializer: nn.RandomUniform{Min: -1, Max: 1}},
		&nn.Dense{Units: 1, Activation: "sigmoid", KernelInitializer: nn.RandomUniform{Min: -1, Max: 1}})
	if err != nil {
		return nil, err
	}
	return &Task{
		Net: net, Train: all,
		Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: .1, Momentum: .2}, Metrics: []string{"accuracy"},
		Epochs: 20000, Batch: 2,
	}, nil
}
