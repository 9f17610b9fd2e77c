package data

import "fmt"

// Concat returns the rows of tables, one after the other. All must have the same columns in the same order.
func Concat(tables ...*Table) (*Table, error) {
	if len(tables) == 0 {
		return NewTable()
	}
	first := tables[0]
	rows, placed := 0, first.origin != nil
	for _, t := range tables {
		rows += t.rows
		placed = placed && t.origin != nil && t.origin.file == first.origin.file && t.origin.rows == first.origin.rows
		if len(t.columns) != len(first.columns) {
			return nil, fmt.Errorf("%w: tables of %d and %d columns", ErrShape, len(first.columns), len(t.columns))
		}
	}
	var o *origin
	if placed {
		o = &origin{file: first.origin.file, rows: first.origin.rows}
		for _, t := range tables {
			o.lines = append(o.lines, t.origin.lines...)
		}
	}
	columns := make([]*Column, len(first.columns))
	for k, c := range first.columns {
		d := &Column{name: c.name, kind: c.kind, origin: o}
		missing := make([]bool, 0, rows)
		for _, t := range tables {
			p := t.columns[k]
			if p.name != c.name || p.kind != c.kind {
				return nil, fmt.Errorf("%w: column %d is %s of kind %v and %s of kind %v", ErrShape, k+1, c.name, c.kind, p.name, p.kind)
			}
			d.floats, d.ints, d.strings = append(d.floats, p.floats...), append(d.ints, p.ints...), append(d.strings, p.strings...)
			if c.kind != Float {
				for i := range p.Len() {
					missing = append(missing, p.Missing(i))
				}
			}
		}
		if c.kind != Float {
			d.missing = mask(missing, rows)
		}
		columns[k] = d
	}
	return rebuilt(columns, rows, o), nil
}
