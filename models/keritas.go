package models

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var keritas = &Recipe{
	Name: "keritas", Class: "2",
	About:   "two interleaved classes in the plane: 2-3-2-1 sigmoid, mean squared error, gradient descent",
	Data:    "clase_2_train_data.csv (x1, x2, y); clase_2_test_data.csv beside it is the test set",
	File:    "clase_2_train_data.csv",
	prepare: prepareKeritas,
}

func prepareKeritas(o Options) (*Task, error) {
	task, err := planeTask(o.Path)
	if err != nil {
		return nil, err
	}
	task.Loss, task.Optimizer = loss.MeanSquaredError{}, optim.SGD{LearningRate: .3}
	task.Epochs, task.Batch = 1600, 256
	start := nn.RandomUniform{Min: -1, Max: 1}
	task.Net, err = nn.Sequential(o.Seed, nn.Input{Shape: []int{2}},
		&nn.Dense{Units: 3, Activation: "sigmoid", KernelInitializer: start},
		&nn.Dense{Units: 2, Activation: "sigmoid", KernelInitializer: start},
		&nn.Dense{Units: 1, Activation: "sigmoid", KernelInitializer: start})
	return task, err
}

// planeTask reads the training points, and the test points where their file is beside it.
func planeTask(path string) (*Task, error) {
	train, err := points(path)
	if err != nil {
		return nil, err
	}
	task := &Task{Train: train, Metrics: []string{"accuracy"}}
	dir, file := filepath.Split(path)
	test := filepath.Join(dir, strings.Replace(file, "train", "test", 1))
	if _, err := os.Stat(test); err == nil && test != path {
		if task.Test, err = points(test); err != nil {
			return nil, err
		}
	}
	return task, nil
}

// points reads the plane's points: x1, x2 and the class, 0 or 1. The files' header is a comment, as
// NumPy writes it.
func points(path string) (*data.Dataset, error) {
	t, err := loadTable(path, data.CSVOptions{Comment: '#', NoHeader: true, Names: []string{"x1", "x2", "y"}})
	if err != nil {
		return nil, err
	}
	if whole, err := t.DropMissing(); err != nil {
		return nil, err
	} else if whole.Rows() < t.Rows() {
		return nil, fmt.Errorf("%s: there is %s", path, firstMissing(t))
	}
	if err := twoClasses(t, "y"); err != nil {
		return nil, err
	}
	x, err := t.Tensor(tensor.Float32, "x1", "x2")
	if err != nil {
		return nil, err
	}
	y, err := t.Tensor(tensor.Float32, "y")
	if err != nil {
		return nil, err
	}
	return data.New(map[string]tensor.Any{"input": x}, y, nil)
}
