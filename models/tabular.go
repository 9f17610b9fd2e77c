package models

import (
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/nn"
)

// numeric adds an input for each column, named after it, and returns them side by side with missing
// values imputed by the mean and scaled to [0,1], both as in the training rows.
func numeric(b *nn.Builder, train *data.Dataset, columns []string) (*nn.Value, error) {
	in := make([]*nn.Value, len(columns))
	for i, name := range columns {
		in[i] = b.Input(nn.Input{Name: name, Shape: []int{1}})
	}
	x, err := beside(train, columns)
	if err != nil {
		return nil, err
	}
	impute, scale := &nn.Imputer{}, &nn.MinMaxScaler{}
	if err := impute.Adapt(x); err != nil {
		return nil, err
	}
	if err := scale.Adapt(x); err != nil {
		return nil, err
	}
	joined := in[0]
	if len(in) > 1 {
		joined = b.Apply(&nn.Concatenate{}, in...)
	}
	return b.Apply(scale, b.Apply(impute, joined)), nil
}

// beside returns float columns of a dataset, each [n,1], as one tensor [n,columns].
func beside(d *data.Dataset, columns []string) (tensor.Any, error) {
	out := tensor.Zeros[float32](d.Len(), len(columns))
	for j, name := range columns {
		c, ok := d.Inputs()[name].(*tensor.Tensor[float32])
		if !ok || c.Len() != d.Len() {
			return nil, fmt.Errorf("models: column %s is not numeric", name)
		}
		for i, v := range c.Data() {
			out.Data()[i*len(columns)+j] = v
		}
	}
	return out, nil
}

// category adds an input of strings or integers and returns it one-hot, a place for each value of the
// training rows. A value that did not occur there is all zeros.
func category(b *nn.Builder, train *data.Dataset, column string) (*nn.Value, error) {
	number, n, err := lookup(b, train, column)
	if err != nil {
		return nil, err
	}
	return b.Slice(b.Apply(&nn.OneHot{Depth: n}, number), 1, 1, n), nil
}

// entity adds an input of strings or integers and returns size numbers for each, its row of an embedding. Row 0 is
// for values that did not occur in the training rows.
func entity(b *nn.Builder, train *data.Dataset, column string, size int) (*nn.Value, error) {
	number, n, err := lookup(b, train, column)
	if err != nil {
		return nil, err
	}
	e := b.Apply(&nn.Embedding{Name: column + "_embedding", InputDim: n, OutputDim: size}, number)
	return b.Apply(&nn.Flatten{}, e), nil
}

// lookup adds an input of strings or integers and returns their numbers, from 1 in the order of frequency in the
// training rows and 0 for what did not occur there, and how many numbers there are.
func lookup(b *nn.Builder, train *data.Dataset, column string) (number *nn.Value, n int, err error) {
	values := train.Inputs()[column]
	in := b.Input(nn.Input{Name: column, Shape: []int{1}, DType: values.DType()})
	if values.DType() == tensor.Int64 {
		l := &nn.IntegerLookup{}
		if err := l.Adapt(values); err != nil {
			return nil, 0, err
		}
		return b.Apply(l, in), l.Size(), nil
	}
	l := &nn.StringLookup{}
	if err := l.Adapt(values); err != nil {
		return nil, 0, err
	}
	return b.Apply(l, in), l.Size(), nil
}

// asFloats turns the named columns of a table into float columns.
func asFloats(t *data.Table, names []string) (*data.Table, error) {
	for _, name := range names {
		c, err := t.Column(name)
		if err != nil {
			return nil, err
		}
		f, err := c.As(data.Float)
		if err != nil {
			return nil, err
		}
		if t, err = t.With(f); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// derived returns a float column computed row by row.
func derived(name string, rows int, f func(i int) float64) *data.Column {
	v := make([]float64, rows)
	for i := range v {
		v[i] = f(i)
	}
	return data.Floats(name, v)
}

// without returns the names that are not among those left out.
func without(names []string, out ...string) []string {
	var keep []string
	for _, n := range names {
		if !contains(out, n) {
			keep = append(keep, n)
		}
	}
	return keep
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
