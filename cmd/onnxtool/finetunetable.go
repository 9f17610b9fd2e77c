package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/tablefile"
	"github.com/onnxtool/onnxtool/train/nn"
)

// tableForm says how the rows of a table become examples: columns feed the inputs by name.
type tableForm struct {
	path    string
	net     *nn.Net
	outputs []tunedOutput // the first one's target is the dataset's, the others' stand beside the inputs
	weights string        // the column of sample weights, or none
	columns *data.ColumnMap
}

// tableForm maps the columns of a file to the network's inputs.
func (f *finetuneFlags) tableForm(path string, net *nn.Net, outputs []tunedOutput) (*tableForm, error) {
	names, err := tablefile.Names(path)
	if err != nil {
		return nil, err
	}
	var specs []data.InputSpec
	for _, v := range net.Graph.Inputs {
		spec := data.InputSpec{Name: v.Name, DType: v.Fact.DType}
		for _, d := range v.Fact.Shape[min(1, len(v.Fact.Shape)):] {
			n, ok := d.Int()
			if !ok {
				return nil, fmt.Errorf("input %s is %v: a row of a table has a fixed size", v.Name, v.Fact)
			}
			spec.Row = append(spec.Row, n)
		}
		specs = append(specs, spec)
	}
	form := &tableForm{path: path, net: net, outputs: outputs, weights: f.weights}
	form.columns, err = data.MapColumns(names, specs, data.MapOptions{Ignore: form.apart()})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return form, nil
}

// apart returns the columns that feed no input.
func (t *tableForm) apart() []string {
	names := []string{t.weights}
	for _, o := range t.outputs {
		names = append(names, o.array)
	}
	return names
}

// table reads a whole table.
func (f *finetuneFlags) table(path string, net *nn.Net, outputs []tunedOutput) (*data.Dataset, error) {
	form, err := f.tableForm(path, net, outputs)
	if err != nil {
		return nil, err
	}
	t, err := tablefile.Load(path, data.CSVOptions{Kinds: form.columns.Kinds()})
	if err != nil {
		return nil, err
	}
	if t.Rows() == 0 {
		return nil, noRows(path)
	}
	ds, err := form.examples(t, 0)
	if err == nil && f.weights != "" {
		if err = someWeight(ds.Weight()); err != nil {
			err = fmt.Errorf("%s: column %s: %w", path, f.weights, err)
		}
	}
	return ds, err
}

// examples makes examples of rows, the first of which is the file's row of that number, from 0. A target has the
// shape that its output's goes with.
func (t *tableForm) examples(rows *data.Table, first int) (*data.Dataset, error) {
	numbers := t.apart()
	if !imputes(t.net) {
		numbers = append(slices.Sorted(maps.Keys(t.columns.Kinds())), numbers...)
	}
	if err := complete(rows, t.path, numbers, first); err != nil {
		return nil, err
	}
	in, err := t.columns.Inputs(rows)
	if err != nil {
		return nil, err
	}
	var target tensor.Any
	for i, o := range t.outputs {
		y, err := rows.Tensor(tensor.Float32, o.array)
		if err != nil {
			return nil, err
		}
		if t.net.Graph.Outputs[i].Fact.Rank() == 1 {
			if y, err = tensor.WithShape(y, tensor.Shape{rows.Rows()}); err != nil {
				return nil, err
			}
		}
		if i == 0 {
			target = y
		} else {
			in[o.key()] = y
		}
	}
	weight, err := t.exampleWeights(rows, first)
	if err != nil {
		return nil, err
	}
	ds, err := data.New(in, target, weight)
	if err != nil {
		return nil, err
	}
	if err := checkFinite(t.net, ds); err != nil {
		return nil, fmt.Errorf("%s: %w", t.path, err)
	}
	return ds, nil
}

// exampleWeights returns the column of sample weights, nil where there is none.
func (t *tableForm) exampleWeights(rows *data.Table, first int) (tensor.Any, error) {
	if t.weights == "" {
		return nil, nil
	}
	w, err := rows.Tensor(tensor.Float32, t.weights)
	if err != nil {
		return nil, err
	}
	if err := checkWeights(w, first); err != nil {
		return nil, fmt.Errorf("%s: column %s: %w", t.path, t.weights, err)
	}
	return tensor.WithShape(w, tensor.Shape{rows.Rows()})
}

// noRows is the error about a table that has its columns' names and nothing else.
func noRows(path string) error {
	return fmt.Errorf("%s: the table has no rows, only the names of its columns", path)
}

// complete names the first row of a table without a number in one of the columns that hold numbers. The table's first
// row is the file's of that number, from 0.
func complete(t *data.Table, path string, columns []string, before int) error {
	first, name := t.Rows(), ""
	for _, n := range columns {
		if !t.Has(n) {
			continue
		}
		c, err := t.Column(n)
		if err != nil {
			return err
		}
		if c.Kind() == data.String {
			continue
		}
		if err := c.CheckInf(); err != nil {
			return err
		}
		for i := range first {
			if c.Missing(i) {
				first, name = i, n
				break
			}
		}
	}
	if name == "" {
		return nil
	}
	if line := t.Line(first); line > 0 {
		path = fmt.Sprintf("%s:%d", path, line)
	}
	return fmt.Errorf("%s: column %s has no number in row %d: leave the row out, or fill it before training", path, name, before+first+1)
}
