package data

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"

	"github.com/onnxtool/onnxtool/internal/nearest"
)

// A Table is a list of columns of equal length with distinct names. It does not change: what seems to change
// it returns another table, which shares memory with it where it can.
type Table struct {
	columns []*Column
	byName  map[string]int
	rows    int
	origin  *origin
}

// NewTable returns a table of the columns.
func NewTable(columns ...*Column) (*Table, error) {
	t := &Table{columns: columns, byName: make(map[string]int, len(columns))}
	for i, c := range columns {
		if first, twice := t.byName[c.name]; twice {
			return nil, fmt.Errorf("%w: columns %d and %d are both named %q", ErrMalformed, first+1, i+1, c.name)
		}
		t.byName[c.name] = i
		if c.Len() != columns[0].Len() {
			return nil, fmt.Errorf("%w: column %s has %d rows, column %s has %d",
				ErrShape, columns[0].name, columns[0].Len(), c.name, c.Len())
		}
	}
	if len(columns) > 0 {
		t.rows, t.origin = columns[0].Len(), columns[0].origin
	}
	return t, nil
}

// rebuilt is NewTable for columns that are known to fit.
func rebuilt(columns []*Column, rows int, o *origin) *Table {
	t := &Table{columns: columns, byName: make(map[string]int, len(columns)), rows: rows, origin: o}
	for i, c := range columns {
		t.byName[c.name] = i
	}
	return t
}

// Rows returns the number of rows.
func (t *Table) Rows() int { return t.rows }

// Columns returns the columns in order. The caller must not change the slice.
func (t *Table) Columns() []*Column { return t.columns }

// Names returns the columns' names in order.
func (t *Table) Names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// Has reports whether there is a column of that name.
func (t *Table) Has(name string) bool {
	_, ok := t.byName[name]
	return ok
}

// Column returns the column of that name.
func (t *Table) Column(name string) (*Column, error) {
	if i, ok := t.byName[name]; ok {
		return t.columns[i], nil
	}
	file := ""
	if t.origin != nil {
		file = t.origin.file
	}
	return nil, NoColumn(file, name, t.Names())
}

// NoColumn says that a table lacks a column, and what it has.
func NoColumn(file, name string, have []string) error {
	err := fmt.Errorf("%w: no column %q among %s%s", ErrMalformed, name, list(have), nearest.Hint(name, have))
	return &ParseError{File: file, Err: err}
}

// list returns names for a message, the first ones where there are many.
func list(names []string) string {
	const most = 12
	if len(names) > most {
		return fmt.Sprintf("%q and %d more", names[:most], len(names)-most)
	}
	return fmt.Sprintf("%q", names)
}

// Select returns a table of the named columns, in the order given.
func (t *Table) Select(names ...string) (*Table, error) {
	columns := make([]*Column, len(names))
	for i, name := range names {
		c, err := t.Column(name)
		if err != nil {
			return nil, err
		}
		columns[i] = c
	}
	s, err := NewTable(columns...)
	if err != nil {
		return nil, err
	}
	s.rows, s.origin = t.rows, t.origin
	return s, nil
}

// Drop returns a table without the named columns.
func (t *Table) Drop(names ...string) (*Table, error) {
	for _, name := range names {
		if _, err := t.Column(name); err != nil {
			return nil, err
		}
	}
	left := slices.DeleteFunc(slices.Clone(t.columns), func(c *Column) bool { return slices.Contains(names, c.name) })
	return rebuilt(left, t.rows, t.origin), nil
}

// With returns a table with the columns added, or put in the place of those of the same name.
func (t *Table) With(columns ...*Column) (*Table, error) {
	all := slices.Clone(t.columns)
	for _, c := range columns {
		if i, ok := t.byName[c.name]; ok {
			all[i] = c
		} else {
			all = append(all, c)
		}
	}
	w, err := NewTable(all...)
	if err == nil && t.origin != nil {
		w.origin = t.origin
	}
	return w, err
}

// Take returns a table of the rows with the given numbers, in that order; a row may come more than once.
// It panics on a number outside the table.
func (t *Table) Take(rows []int) *Table {
	o := t.origin
	if o != nil {
		o = &origin{o.file, pick(o.lines, rows), o.rows}
	}
	columns := make([]*Column, len(t.columns))
	for i, c := range t.columns {
		columns[i] = c.take(rows, o)
	}
	return rebuilt(columns, len(rows), o)
}

// Slice returns a table of the rows from lo up to hi, which it does not contain.
func (t *Table) Slice(lo, hi int) *Table {
	rows := make([]int, hi-lo)
	for i := range rows {
		rows[i] = lo + i
	}
	return t.Take(rows)
}

// Filter returns a table of the rows for which keep returns true.
func (t *Table) Filter(keep func(row int) bool) *Table {
	var rows []int
	for i := range t.rows {
		if keep(i) {
			rows = append(rows, i)
		}
	}
	return t.Take(rows)
}

// DropMissing returns a table of the rows that have a value in each of the named columns, in every column where
// none is named.
func (t *Table) DropMissing(names ...string) (*Table, error) {
	s := t
	if len(names) > 0 {
		var err error
		if s, err = t.Select(names...); err != nil {
			return nil, err
		}
	}
	return t.Filter(func(row int) bool {
		return !slices.ContainsFunc(s.columns, func(c *Column) bool { return c.Missing(row) })
	}), nil
}

// Line returns the line of the file that row i was read from, 0 where it was not read from one.
func (t *Table) Line(i int) int {
	if t.origin == nil || t.origin.rows {
		return 0
	}
	return t.origin.lines[i]
}

// FromFile returns the same table as rows of a file that has no lines, the first of them the file's row of that
// number, from 1. Errors about a value name the file and the row.
func (t *Table) FromFile(file string, first int) *Table {
	o := &origin{file: file, lines: make([]int, t.rows), rows: true}
	for i := range o.lines {
		o.lines[i] = first + i
	}
	columns := make([]*Column, len(t.columns))
	for i, c := range t.columns {
		d := *c
		d.origin = o
		columns[i] = &d
	}
	return rebuilt(columns, t.rows, o)
}

// WriteCSV writes a header and the rows as RFC 4180 has it, with line feeds; a missing value is an empty field.
// Floats have the fewest digits that read back the same.
func (t *Table) WriteCSV(w io.Writer) error {
	cw := csv.NewWriter(w)
	if err := cw.Write(t.Names()); err != nil {
		return err
	}
	record := make([]string, len(t.columns))
	for i := range t.rows {
		for j, c := range t.columns {
			record[j] = c.Text(i)
		}
		if len(record) == 1 && record[0] == "" {
			// An empty line would be read as no row at all.
			cw.Flush()
			if _, err := io.WriteString(w, "\"\"\n"); err != nil {
				return err
			}
			continue
		}
		if err := cw.Write(record); err != nil {
			return err
		}
	}
	cw.Flush()
	return cw.Error()
}
