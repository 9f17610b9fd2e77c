package models

import (
	"fmt"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/tablefile"
)

// loadTable reads a CSV or Parquet file that must have rows.
func loadTable(path string, o data.CSVOptions) (*data.Table, error) {
	t, err := tablefile.Load(path, o)
	if err == nil && t.Rows() == 0 {
		err = fmt.Errorf("%s: the table has no rows, only the names of its columns", path)
	}
	return t, err
}
