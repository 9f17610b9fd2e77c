package models

import (
	"fmt"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/tablefile"
)

// loadTable reads a CSV or Parquet file that must have rows, and no infinite numbers.
func loadTable(path string, o data.CSVOptions) (*data.Table, error) {
	t, err := tablefile.Load(path, o)
	if err == nil && t.Rows() == 0 {
		err = fmt.Errorf("%s: the table has no rows, only the names of its columns", path)
	}
	if err != nil {
		return nil, err
	}
	for _, c := range t.Columns() {
		if err := c.CheckInf(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// complete returns the rows of a table that miss no value, and a warning where there are others.
func complete(t *data.Table) (rows *data.Table, warnings []string, err error) {
	rows, err = t.DropMissing()
	if err != nil {
		return nil, nil, err
	}
	left := t.Rows() - rows.Rows()
	switch {
	case rows.Rows() == 0:
		return nil, nil, fmt.Errorf("each of the %d rows misses a value", left)
	case left > 0:
		warnings = []string{fmt.Sprintf("rows with missing values are left out: %d of %d, the first with %s", left, t.Rows(), firstMissing(t))}
	}
	return rows, warnings, nil
}

// firstMissing says where the first missing value of a table was.
func firstMissing(t *data.Table) string {
	for i := range t.Rows() {
		for _, c := range t.Columns() {
			if !c.Missing(i) {
				continue
			}
			if line := t.Line(i); line > 0 {
				return fmt.Sprintf("no %s in line %d", c.Name(), line)
			}
			return fmt.Sprintf("no %s in row %d", c.Name(), i+1)
		}
	}
	return "none"
}

// twoClasses returns an error unless each value of a column is 0 or 1.
func twoClasses(t *data.Table, name string) error {
	c, err := t.Column(name)
	if err != nil {
		return err
	}
	_, err = c.ClassNumbers([]string{"0", "1"})
	return err
}
