package models

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var salary = &Recipe{
	Name: "salary", Class: "5",
	About: "monthly salary from the job title: one-hot or embedding, mean absolute error",
	Data:  "encuesta_sysarmy_arg_2019_1.csv",
	File:  "encuesta_sysarmy_arg_2019_1.csv",
	Variants: []Variant{
		{"onehot", "366 titles one-hot, 128 linear, 64 relu, 1"},
		{"embedding", "an embedding of 4 numbers, 1"},
	},
	prepare: prepareSalary,
}

// Columns of the survey.
const (
	titleColumn  = "Trabajo de"
	salaryColumn = "Salario mensual BRUTO (en tu moneda local)"
)

// Sizes of the course's networks, which follow from its data: the titles of the survey, and those of its
// training rows.
const (
	allTitles   = 443
	knownTitles = 366
)

func prepareSalary(o Options) (*Task, error) {
	t, err := loadTable(o.Path, data.CSVOptions{
		Columns: []string{titleColumn, salaryColumn},
		Kinds:   map[string]data.Kind{titleColumn: data.String, salaryColumn: data.Float},
	})
	if err != nil {
		return nil, err
	}
	t, warnings, err := complete(t)
	if err != nil {
		return nil, err
	}
	t, scale, err := scaledSalaries(t)
	if err != nil {
		return nil, err
	}
	all, err := t.Dataset(data.Roles{Inputs: []string{titleColumn}, Target: "scaled"})
	if err != nil {
		return nil, err
	}
	parts, err := all.Split(o.Seed, .8, .2)
	if err != nil {
		return nil, err
	}
	task := &Task{
		Train: parts[0], Validation: parts[1],
		Loss: loss.MeanAbsoluteError{}, Optimizer: optim.Adam{}, Metrics: []string{"mean_absolute_error", "mean_squared_error"},
		Epochs: 40, Batch: 4096, Warnings: warnings,
	}
	if o.Variant == "embedding" {
		task.Optimizer, task.Batch = optim.Adam{LearningRate: .1}, 2048
	}
	if task.Net, err = salaryNet(o, parts[0], nil); err != nil {
		return nil, err
	}
	inPesos, err := salaryNet(o, parts[0], scale)
	task.Parts = []Part{{"salary", "the same with its output in pesos", inPesos}}
	return task, err
}

// scaledSalaries adds the salaries standardised by mean and deviation of all rows, and leaves out those above
// the 99th percentile: a survey has its typing errors, one of 25 million pesos. Since that one is in the
// deviation, a scaled unit is about 390,000 pesos.
func scaledSalaries(t *data.Table) (*data.Table, *nn.Normalization, error) {
	c, err := t.Column(salaryColumn)
	if err != nil {
		return nil, nil, err
	}
	pay := c.Floats()
	if len(pay) == 0 {
		return nil, nil, errors.New("no row has a title and a salary")
	}
	scale := &nn.Normalization{}
	if err := scale.Adapt(tensor.Vector(pay...)); err != nil {
		return nil, nil, err
	}
	sorted := slices.Sorted(slices.Values(pay))
	most := sorted[int(.99*float64(len(sorted)-1))]
	scaled := derived("scaled", len(pay), func(i int) float64 {
		return (pay[i] - scale.Mean[0]) / max(math.Sqrt(scale.Variance[0]), 1e-7)
	})
	if t, err = t.With(scaled); err != nil {
		return nil, nil, err
	}
	return t.Filter(func(row int) bool { return pay[row] <= most }), scale, nil
}

// salaryNet builds the network; with a scale its output is turned back into pesos. A title that does not
// occur in the training rows is the reserved index 0 of the embedding, and all zeros one-hot.
func salaryNet(o Options, train *data.Dataset, scale *nn.Normalization) (*nn.Net, error) {
	b := nn.NewBuilder(o.Seed)
	in := b.Input(nn.Input{Name: titleColumn, Shape: []int{1}, DType: tensor.String})
	lookup := &nn.StringLookup{}
	if err := lookup.Adapt(train.Inputs()[titleColumn]); err != nil {
		return nil, err
	}
	var y *nn.Value
	if o.Variant == "embedding" {
		if n := lookup.Size(); n > allTitles {
			return nil, fmt.Errorf("%d different titles, the embedding has %d rows", n-1, allTitles)
		}
		e := b.Apply(&nn.Embedding{InputDim: allTitles, OutputDim: 4}, b.Apply(lookup, in))
		y = b.Apply(&nn.Dense{Units: 1}, b.Apply(&nn.Flatten{}, e))
	} else {
		lookup.Vocabulary = lookup.Vocabulary[:min(knownTitles, len(lookup.Vocabulary))]
		hot := b.Apply(&nn.OneHot{Depth: knownTitles + 1}, b.Apply(lookup, in))
		x := b.Apply(&nn.Dense{Units: 128}, b.Slice(hot, 1, 1, knownTitles+1))
		x = b.Apply(&nn.Dense{Units: 64, Activation: "relu"}, x)
		y = b.Apply(&nn.Dense{Units: 1}, x)
	}
	name := "scaled_salary"
	if scale != nil {
		name = "salary"
		y = b.AddScalar(b.Scale(y, math.Sqrt(scale.Variance[0])), scale.Mean[0])
	}
	return b.Net(b.Output(name, y))
}
