package data

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// An InputSpec is an input of a model that a table's columns are to feed, a row for each example.
type InputSpec struct {
	Name  string
	DType tensor.DType
	// Row is the shape of one example: the input's shape without its first dimension. It is empty for an
	// input of shape [rows].
	Row tensor.Shape
}

// width returns how many columns an example takes.
func (s InputSpec) width() (int, error) {
	n, ok := s.Row.Size()
	if !ok || n == 0 || n > defaultMaxFields {
		return 0, fmt.Errorf("%w: input %s takes rows of shape %v, which no table holds", ErrShape, s.Name, s.Row)
	}
	return n, nil
}

// A ColumnMap says which columns feed which input of a model.
type ColumnMap struct {
	specs   []InputSpec
	columns [][]string
}

// MapOptions say which columns a [ColumnMap] may use.
type MapOptions struct {
	// Columns feed a model's only input, in this order; nil finds them by name.
	Columns []string
	// Ignore lists columns that are no features, such as the target, where columns are taken in the
	// order of the file.
	Ignore []string
}

// MapColumns finds the columns for the inputs among a table's names. An input of one number or string per
// example is fed by the column of its name. An input x of n numbers per example is fed, in row-major order,
// by the columns x_0 to x_n-1 or x[0] to x[n-1]; where there are none and it is the model's only input, by
// all columns of the table, which must be n, in their order. What is missing is an error, all of it in one.
func MapColumns(names []string, specs []InputSpec, o MapOptions) (*ColumnMap, error) {
	m := &ColumnMap{specs: specs}
	if o.Columns != nil {
		return m.given(names, o)
	}
	var first error
	var others []string
	for _, s := range specs {
		columns, err := m.find(names, s, o)
		m.columns = append(m.columns, columns)
		switch {
		case err == nil:
		case first == nil:
			first = err
		default:
			others = append(others, s.Name)
		}
	}
	if len(others) > 0 {
		return m, fmt.Errorf("%w; nor for %s", first, strings.Join(others, ", "))
	}
	return m, first
}

// given maps the columns that the caller has named.
func (m *ColumnMap) given(names []string, o MapOptions) (*ColumnMap, error) {
	if len(m.specs) != 1 {
		return nil, fmt.Errorf("columns are named for a model of one input, and it has %d, each of which takes the column of its name", len(m.specs))
	}
	n, err := m.specs[0].width()
	if err != nil {
		return nil, err
	}
	if n != len(o.Columns) {
		return nil, fmt.Errorf("%w: input %s takes %d columns, %d are named", ErrShape, m.specs[0].Name, n, len(o.Columns))
	}
	for _, c := range o.Columns {
		if !slices.Contains(names, c) {
			return nil, NoColumn("", c, names)
		}
	}
	m.columns = [][]string{o.Columns}
	return m, nil
}

func (m *ColumnMap) find(names []string, s InputSpec, o MapOptions) ([]string, error) {
	n, err := s.width()
	if err != nil {
		return nil, err
	}
	if n == 1 && slices.Contains(names, s.Name) {
		return []string{s.Name}, nil
	}
	for _, form := range []string{"%s_%d", "%s[%d]"} {
		if columns := numberedColumns(names, form, s.Name, n); columns != nil {
			return columns, nil
		}
	}
	if len(m.specs) > 1 {
		return nil, missingInput(names, s, n)
	}
	rest := slices.DeleteFunc(slices.Clone(names), func(c string) bool { return slices.Contains(o.Ignore, c) })
	if len(rest) != n {
		return nil, fmt.Errorf("%w: input %s takes %d columns, the table has %d to offer (%s): name those that feed it",
			ErrShape, s.Name, n, len(rest), list(rest))
	}
	return rest, nil
}

func missingInput(names []string, s InputSpec, n int) error {
	if n == 1 {
		return fmt.Errorf("%w: no column for input %s%s", ErrMalformed, s.Name, nearest.Hint(s.Name, names))
	}
	return fmt.Errorf("%w: no columns %s_0 to %s_%d for input %s", ErrMalformed, s.Name, s.Name, n-1, s.Name)
}

// numberedColumns returns the columns of an input that are named by a format of name and number, nil unless all n
// are there.
func numberedColumns(names []string, form, name string, n int) []string {
	columns := make([]string, n)
	for i := range columns {
		columns[i] = fmt.Sprintf(form, name, i)
		if !slices.Contains(names, columns[i]) {
			return nil
		}
	}
	return columns
}

// Columns returns the names of the columns that feed the inputs, each once.
func (m *ColumnMap) Columns() []string {
	var all []string
	for _, columns := range m.columns {
		for _, c := range columns {
			if !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	return all
}

// Kinds returns the kinds that the columns are to be read as: text for a string input, so that 007 stays what
// it is, whole numbers for integers, floats for the rest. A column that feeds inputs of two kinds is left
// out: its values decide.
func (m *ColumnMap) Kinds() map[string]Kind {
	kinds, torn := map[string]Kind{}, map[string]bool{}
	for i, s := range m.specs {
		k := Float
		switch {
		case s.DType == tensor.String || s.DType == tensor.Bool:
			k = String
		case s.DType.IsInt():
			k = Int
		}
		for _, c := range m.columns[i] {
			if old, ok := kinds[c]; ok && old != k {
				torn[c] = true
			}
			kinds[c] = k
		}
	}
	for c := range torn {
		delete(kinds, c)
	}
	return kinds
}

// Inputs returns the rows of a table as the model's inputs, by name, each of shape [rows, Row...]. A missing
// value is NaN in a float and "" in a string, which is what the models that the toolkit trains take for
// missing; an integer and a bool have no such form, and [Table.FillText] says what to put there.
func (m *ColumnMap) Inputs(t *Table) (map[string]tensor.Any, error) {
	inputs := make(map[string]tensor.Any, len(m.specs))
	for i, s := range m.specs {
		if s.DType == tensor.String {
			var err error
			if t, err = t.asText(m.columns[i]); err != nil {
				return nil, err
			}
		}
		x, err := t.Tensor(s.DType, m.columns[i]...)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", s.Name, err)
		}
		shape := append(tensor.Shape{t.Rows()}, s.Row...)
		if inputs[s.Name], err = tensor.WithShape(x, shape); err != nil {
			return nil, fmt.Errorf("input %s: %w", s.Name, err)
		}
	}
	return inputs, nil
}

// asText returns the table with columns as strings, missing values as "".
func (t *Table) asText(names []string) (*Table, error) {
	for _, name := range names {
		c, err := t.Column(name)
		if err != nil {
			return nil, err
		}
		if c, err = c.As(String); err != nil {
			return nil, err
		}
		if c, err = c.Fill(""); err != nil {
			return nil, err
		}
		if t, err = t.With(c); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// FillText returns the table with missing values of the named columns replaced by what the texts mean as
// values of the columns' kinds.
func (t *Table) FillText(values map[string]string) (*Table, error) {
	for _, name := range sortedKeys(values) {
		c, err := t.Column(name)
		if err != nil {
			return nil, err
		}
		text := values[name]
		var v any = text
		switch c.kind {
		case Float:
			v, err = parseFloat(strings.TrimSpace(text), '.')
		case Int:
			v, err = parseInt(strings.TrimSpace(text))
		}
		if err != nil {
			return nil, fmt.Errorf("column %s: fill value: %w", name, err)
		}
		if c, err = c.Fill(v); err != nil {
			return nil, err
		}
		if t, err = t.With(c); err != nil {
			return nil, err
		}
	}
	return t, nil
}
