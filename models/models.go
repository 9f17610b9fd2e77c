// Package models holds the models of an introductory deep-learning course as Go builders, each with
// the reader of its data. They are what `onnxtool train` trains by name, and examples to copy from.
package models

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
	Data  string // what the data is; empty where the recipe brings its own
	File  string // by which the course calls it: what is read where a folder is given
	// Optional says that the recipe has data of its own for when none is given.
	Optional bool
	// Variants are other forms of the model; the zero Options mean the first.
	Variants []Variant
	// Options lists the fields of Options that the recipe reads beside Path, Seed and Variant.
	Options []string
	prepare func(o Options) (*Task, error)
}

// Variant is a form of a recipe's model.
type Variant struct{ Name, About string }

// Options choose data, size and form of a recipe's model. The zero value is the course's.
type Options struct {
	Path       string // the data: a file, a folder, or a name that the recipe knows
	Seed       uint64
	Variant    string // one of the recipe's
	WithVendor bool   // wine: with an embedding of vendor_id
	Rows       int    // of the data that is generated or used, 0 for all; lines of a text
	Latent     int    // numbers in the code of an autoencoder or the vector of a word
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
	// Members, where not 0, is how many networks make an ensemble: each is trained from initial values of its own on
	// a bootstrap sample of Train, see [github.com/onnxtool/onnxtool/train/data.Dataset.Bootstrap], and the model
	// is their average.
	Members int
	// Parts are networks that are written beside Net, with its parameters.
	Parts []Part
	// Images says what is known of images that are given back; nil for other tasks.
	Images *Images
}

// Images are examples that are grey images [n,h,w], of which a network makes images again.
type Images struct {
	Input   string   // that takes them
	Labels  []int    // of the validation examples, from 0; nil where there are none
	Classes []string // the labels' names; nil for their numbers
}

// Part is a network made of a trained one's parameters, which have the same names in both: see
// [github.com/onnxtool/onnxtool/train.Trainer.ModelOf].
type Part struct {
	Name  string // of its file, without .onnx
	About string
	Net   *nn.Net
}

// Prepare reads or makes the data and builds the network.
func (r *Recipe) Prepare(o Options) (*Task, error) {
	if err := r.Check(o); err != nil {
		return nil, err
	}
	if o.Variant == "" && len(r.Variants) > 0 {
		o.Variant = r.Variants[0].Name
	}
	if r.File != "" {
		if path := filepath.Join(o.Path, r.File); isFolder(o.Path) && isFile(path) {
			o.Path = path
		}
	}
	t, err := r.prepare(o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Name, err)
	}
	return t, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// Check reports options that the recipe does not read, a variant that it has not, and data that is missing.
func (r *Recipe) Check(o Options) error {
	for _, f := range []struct {
		field string
		given bool
	}{{"WithVendor", o.WithVendor}, {"Rows", o.Rows != 0}, {"Latent", o.Latent != 0}} {
		if f.given && !slices.Contains(r.Options, f.field) {
			return fmt.Errorf("%s has no option %s", r.Name, f.field)
		}
	}
	if o.Rows < 0 || o.Latent < 0 {
		return fmt.Errorf("%s: Rows and Latent must not be negative", r.Name)
	}
	if r.Data != "" && !r.Optional && o.Path == "" {
		return fmt.Errorf("%s needs data: %s", r.Name, r.Data)
	}
	var names []string
	for _, v := range r.Variants {
		names = append(names, v.Name)
	}
	switch {
	case o.Variant == "":
	case len(names) == 0:
		return fmt.Errorf("%s has no variants, %q was asked for", r.Name, o.Variant)
	case !slices.Contains(names, o.Variant):
		return fmt.Errorf("%s has no variant %q%s; there are %s", r.Name, o.Variant, nearest.Hint(o.Variant, names), strings.Join(names, ", "))
	}
	return nil
}

// All lists the recipes in the order of the course.
func All() []*Recipe { return recipes }

var recipes = []*Recipe{
	breastCancer, bagging, xor, keritas, keritasKeras, heart, fraud, salary, word2vec, autoencoder, vae, wine, retail,
}

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
