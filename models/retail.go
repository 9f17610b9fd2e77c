package models

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var retail = &Recipe{
	Name: "retail", Class: "8",
	About:    "whether a purchase is above the median, by who buys what: embeddings of users and products, 100 relu, 50 relu, 1 sigmoid",
	Data:     "train.csv of the Black Friday sales (User_ID, Product_ID, Gender, ..., Purchase); without it purchases are generated",
	Optional: true,
	Variants: []Variant{
		{"embeddings", "8 numbers for each user and for each product beside the features"},
		{"dense", "the features alone"},
		{"logistic", "the features alone, without a hidden layer"},
	},
	Options: []string{"Rows"},
	prepare: prepareRetail,
}

// Columns of the purchases: those that are numbers, those of few values, those of many, and the answer.
var (
	retailNumbers    = []string{"Marital_Status", "Product_Category_2", "Product_Category_3"}
	retailCategories = []string{"Gender", "Age", "Occupation", "City_Category", "Stay_In_Current_City_Years", "Product_Category_1"}
	retailEntities   = []string{"User_ID", "Product_ID"}
)

const purchaseColumn = "Purchase"

func prepareRetail(o Options) (*Task, error) {
	t, err := retailTable(o)
	if err != nil {
		return nil, err
	}
	if t, err = aboveMedian(t, purchaseColumn); err != nil {
		return nil, err
	}
	if t, err = asFloats(t, retailNumbers); err != nil {
		return nil, err
	}
	inputs := slices.Concat(retailCategories, retailNumbers)
	if o.Variant == "embeddings" {
		inputs = append(inputs, retailEntities...)
	}
	all, err := t.Dataset(data.Roles{Inputs: inputs, Target: "above"})
	if err != nil {
		return nil, err
	}
	parts, err := all.SplitStratified(o.Seed, .8, .1, .1)
	if err != nil {
		return nil, err
	}
	task := &Task{
		Train: parts[0], Validation: parts[1], Test: parts[2],
		Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{LearningRate: .003}, Metrics: []string{"accuracy", "auc"},
		Epochs: 5, Batch: 1024,
	}
	if o.Path == "" {
		task.Warnings = []string{"the purchases are generated; --data train.csv trains on the real ones"}
	}
	task.Net, err = retailNet(o, task.Train)
	return task, err
}

// retailTable reads the purchases, or generates them where no file is given. Fewer rows of a file are its first.
func retailTable(o Options) (*data.Table, error) {
	if o.Path == "" {
		return generatePurchases(o.Rows)
	}
	kinds := map[string]data.Kind{
		"User_ID": data.Int, "Product_ID": data.String, "Gender": data.String, "Age": data.String, "Occupation": data.Int,
		"City_Category": data.String, "Stay_In_Current_City_Years": data.String, "Product_Category_1": data.Int, purchaseColumn: data.Float,
	}
	columns := slices.Concat(retailEntities, retailCategories, retailNumbers, []string{purchaseColumn})
	t, err := loadTable(o.Path, data.CSVOptions{Columns: columns, Kinds: kinds})
	if err != nil || o.Rows == 0 {
		return t, err
	}
	return t.Slice(0, min(o.Rows, t.Rows())), nil
}

// aboveMedian replaces a column by one called above: 1 where it is more than its median.
func aboveMedian(t *data.Table, column string) (*data.Table, error) {
	c, err := t.Column(column)
	if err != nil {
		return nil, err
	}
	if c.CountMissing() > 0 {
		return nil, fmt.Errorf("column %s: %s", column, firstMissing(t))
	}
	v := c.Floats()
	if len(v) == 0 {
		return nil, fmt.Errorf("column %s has no rows", column)
	}
	median := slices.Sorted(slices.Values(v))[(len(v)-1)/2]
	if t, err = t.Select(without(t.Names(), column)...); err != nil {
		return nil, err
	}
	return t.With(derived("above", len(v), func(i int) float64 {
		if v[i] > median {
			return 1
		}
		return 0
	}))
}

func retailNet(o Options, train *data.Dataset) (*nn.Net, error) {
	b := nn.NewBuilder(o.Seed)
	x, err := numeric(b, train, retailNumbers)
	if err != nil {
		return nil, err
	}
	features := []*nn.Value{x}
	for _, c := range retailCategories {
		hot, err := category(b, train, c)
		if err != nil {
			return nil, err
		}
		features = append(features, hot)
	}
	if o.Variant == "embeddings" {
		for _, c := range retailEntities {
			e, err := entity(b, train, c, 8)
			if err != nil {
				return nil, err
			}
			features = append(features, e)
		}
	}
	h := b.Apply(&nn.Concatenate{}, features...)
	if o.Variant != "logistic" {
		h = b.Apply(&nn.Dense{Units: 100, Activation: "relu"}, h)
		h = b.Apply(&nn.Dense{Units: 50, Activation: "relu"}, h)
	}
	return b.Net(b.Output("probability", b.Apply(&nn.Dense{Units: 1, Activation: "sigmoid"}, h)))
}
