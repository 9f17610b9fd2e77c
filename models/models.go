// Package models holds the models of an introductory deep-learning course as Go builders, each with
// the reader of its data. They are what `onnxtool train` trains by name, and examples to copy from.
package models

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// Recipe is a model that can be trained by name.
type Recipe struct {
	Name  string
	Class string // of the course
	About string
	Data  string // what the data file is; empty where the recipe brings its own
	// Options lists the fields of Options that the recipe reads beside Path and Seed.
	Options []string
	Prepare func(o Options) (*Task, error)
}

// Options choose among a recipe's variants. The zero value is the course's.
type Options struct {
	Path       string // the data file
	Seed       uint64
	WithVendor bool // wine: with an embedding of vendor_id
}

// Task is a network with its data, ready to train.
type Task struct {
	Net        *nn.Net
	Train      *data.Dataset
	Validation *data.Dataset // nil where there is none
	Test       *data.Dataset // nil where there is none
	Loss       loss.Loss
	Optimizer  optim.Optimizer
	Metrics    []string // names for metric.Parse
	Epochs     int
	Batch      int
	Warnings   []string
}

// All lists the recipes in the order of the course.
func All() []*Recipe { return recipes }

var recipes = []*Recipe{breastCancer, xor, keritas, heart, wine}

// Lookup returns a recipe by name.
func Lookup(name string) (*Recipe, error) {
	var names []string
	for _, r := range recipes {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return nil, fmt.Errorf("no model is called %s%s", name, nearest.Hint(name, names))
}
