package data

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Kind is the type of a column's values.
type Kind uint8

// The kinds of columns.
const (
	Float  Kind = iota // float64; a missing value is NaN
	Int                // int64
	String             // string
)

// String returns float, integer or string.
func (k Kind) String() string {
	switch k {
	case Float:
		return "float"
	case Int:
		return "integer"
	case String:
		return "string"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// A Column is a named sequence of values of one kind, some of which may be missing. It does not change.
type Column struct {
	name    string
	kind    Kind
	floats  []float64
	ints    []int64
	strings []string
	missing []bool // of ints and strings; nil where none is
	origin  *origin
}

// origin says where a table's rows were read.
type origin struct {
	file  string
	lines []int // per row
	rows  bool  // the file has no lines: the numbers are those of its rows, from 1
}

// place fills in where the row i was read.
func (o *origin) place(e *ParseError, i int) {
	e.File = o.file
	if o.rows {
		e.Row = o.lines[i]
	} else {
		e.Line = o.lines[i]
	}
}

// Floats returns a column over the values. NaN is a missing value.
func Floats(name string, values []float64) *Column {
	return &Column{name: name, kind: Float, floats: values}
}

// Ints returns a column over the values; missing tells which of them count for nothing, nil for none.
// It panics where the lengths differ.
func Ints(name string, values []int64, missing []bool) *Column {
	return &Column{name: name, kind: Int, ints: values, missing: mask(missing, len(values))}
}

// Strings returns a column over the values; missing tells which of them count for nothing, nil for none.
// It panics where the lengths differ.
func Strings(name string, values []string, missing []bool) *Column {
	return &Column{name: name, kind: String, strings: values, missing: mask(missing, len(values))}
}

// mask returns nil for a mask that marks nothing.
func mask(missing []bool, n int) []bool {
	if missing != nil && len(missing) != n {
		panic(fmt.Sprintf("data: a mask of %d for %d values", len(missing), n))
	}
	if !slices.Contains(missing, true) {
		return nil
	}
	return missing
}

// Name returns the column's name.
func (c *Column) Name() string { return c.name }

// Kind returns the type of the values.
func (c *Column) Kind() Kind { return c.kind }

// Len returns the number of values, missing ones included.
func (c *Column) Len() int {
	switch c.kind {
	case Float:
		return len(c.floats)
	case Int:
		return len(c.ints)
	}
	return len(c.strings)
}

// Floats returns the values of a Float column, nil for another kind. The caller must not change them.
func (c *Column) Floats() []float64 { return c.floats }

// Ints returns the values of an Int column, nil for another kind; a missing value is 0.
func (c *Column) Ints() []int64 { return c.ints }

// Strings returns the values of a String column, nil for another kind; a missing value is empty.
func (c *Column) Strings() []string { return c.strings }

// Missing reports whether row i has no value.
func (c *Column) Missing(i int) bool {
	if c.kind == Float {
		return math.IsNaN(c.floats[i])
	}
	return c.missing != nil && c.missing[i]
}

// CountMissing returns how many rows have no value.
func (c *Column) CountMissing() int {
	n := 0
	for i := range c.Len() {
		if c.Missing(i) {
			n++
		}
	}
	return n
}

// Valid returns a mask that is true where a row has a value.
func (c *Column) Valid() []bool {
	v := make([]bool, c.Len())
	for i := range v {
		v[i] = !c.Missing(i)
	}
	return v
}

// Rename returns the same values under another name.
func (c *Column) Rename(name string) *Column {
	d := *c
	d.name = name
	return &d
}

// Text returns the value of row i as text, "" where it is missing.
func (c *Column) Text(i int) string {
	switch {
	case c.Missing(i):
		return ""
	case c.kind == Float:
		return strconv.FormatFloat(c.floats[i], 'g', -1, 64)
	case c.kind == Int:
		return strconv.FormatInt(c.ints[i], 10)
	}
	return c.strings[i]
}

// As returns the values as another kind: integers as floats; floats as integers, which they must be;
// numbers as text; text as numbers, which every value must be. Missing values stay missing.
func (c *Column) As(k Kind) (*Column, error) {
	if c.kind == k {
		return c, nil
	}
	d := &Column{name: c.name, kind: k, origin: c.origin}
	n := c.Len()
	switch k {
	case Float:
		d.floats = make([]float64, n)
	case Int:
		d.ints = make([]int64, n)
	case String:
		d.strings = make([]string, n)
	default:
		return nil, fmt.Errorf("column %s: no such kind: %v", c.name, k)
	}
	var missing []bool
	if k != Float {
		missing = make([]bool, n)
	}
	for i := range n {
		if c.Missing(i) {
			if k == Float {
				d.floats[i] = math.NaN()
			} else {
				missing[i] = true
			}
			continue
		}
		if err := c.convert(d, i); err != nil {
			return nil, c.errorAt(i, err)
		}
	}
	d.missing = mask(missing, n)
	return d, nil
}

// convert sets one value of d, whose kind is another one.
func (c *Column) convert(d *Column, i int) (err error) {
	switch {
	case d.kind == String:
		d.strings[i] = c.Text(i)
	case c.kind == String && d.kind == Float:
		d.floats[i], err = parseFloat(strings.TrimSpace(c.strings[i]), '.')
	case c.kind == String:
		d.ints[i], err = parseInt(strings.TrimSpace(c.strings[i]))
	case d.kind == Float:
		d.floats[i] = float64(c.ints[i])
	default:
		f := c.floats[i]
		if f != math.Trunc(f) || f < -1<<63 || f >= 1<<63 {
			return fmt.Errorf("%v is not an integer of 64 bits", f)
		}
		d.ints[i] = int64(f)
	}
	return err
}

// CheckInf returns an error that names the first infinite number of a Float column. Missing numbers are NaN.
func (c *Column) CheckInf() error {
	for i, v := range c.floats {
		if math.IsInf(v, 0) {
			return c.errorAt(i, errors.New("an infinite number"))
		}
	}
	return nil
}

// errorAt returns an error about the value in row i.
func (c *Column) errorAt(i int, err error) error {
	e := &ParseError{Field: c.name, Err: err}
	if c.origin == nil {
		e.Err = fmt.Errorf("row %d: %w", i, err)
		return e
	}
	c.origin.place(e, i)
	return e
}

// Fill returns the column with v in place of every missing value. v is a float64 for a Float column, an int or
// int64 for an Int column (or, where it is an integer, for a Float one), a string for a String column.
func (c *Column) Fill(v any) (*Column, error) {
	d := *c
	d.missing = nil
	switch v := v.(type) {
	case float64:
		if c.kind == Float {
			d.floats = filled(c, c.floats, v)
			return &d, nil
		}
	case int:
		return c.Fill(int64(v))
	case int64:
		if c.kind == Float {
			return c.Fill(float64(v))
		}
		if c.kind == Int {
			d.ints = filled(c, c.ints, v)
			return &d, nil
		}
	case string:
		if c.kind == String {
			d.strings = filled(c, c.strings, v)
			return &d, nil
		}
	}
	return nil, fmt.Errorf("column %s: cannot fill values of kind %v with %v (%T)", c.name, c.kind, v, v)
}

func filled[T any](c *Column, values []T, v T) []T {
	out := slices.Clone(values)
	for i := range out {
		if c.Missing(i) {
			out[i] = v
		}
	}
	return out
}

// Codes numbers the column's distinct values in ascending order, as scikit-learn's LabelEncoder does: it
// returns the number of each row's value, -1 where it is missing, and the values by number.
func (c *Column) Codes() (codes []int64, classes *Column) {
	switch c.kind {
	case Float:
		codes, v := encode(c, c.floats)
		return codes, Floats(c.name, v)
	case Int:
		codes, v := encode(c, c.ints)
		return codes, Ints(c.name, v, nil)
	}
	codes, v := encode(c, c.strings)
	return codes, Strings(c.name, v, nil)
}

func encode[T cmp.Ordered](c *Column, values []T) (codes []int64, classes []T) {
	number := map[T]int64{}
	for i, v := range values {
		if !c.Missing(i) {
			number[v] = 0
		}
	}
	classes = make([]T, 0, len(number))
	for v := range number {
		classes = append(classes, v)
	}
	slices.Sort(classes)
	for i, v := range classes {
		number[v] = int64(i)
	}
	codes = make([]int64, len(values))
	for i, v := range values {
		codes[i] = -1
		if !c.Missing(i) {
			codes[i] = number[v]
		}
	}
	return codes, classes
}

// take returns the values of some rows, whose origin the caller has made.
func (c *Column) take(rows []int, o *origin) *Column {
	d := &Column{name: c.name, kind: c.kind, origin: o}
	d.floats, d.ints, d.strings = pick(c.floats, rows), pick(c.ints, rows), pick(c.strings, rows)
	d.missing = mask(pick(c.missing, rows), len(rows))
	return d
}

func pick[T any](values []T, rows []int) []T {
	if values == nil {
		return nil
	}
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = values[r]
	}
	return out
}
