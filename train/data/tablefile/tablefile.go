// Package tablefile reads tables from files of either kind: CSV, which may be compressed by gzip, and Parquet. What a
// file is decides its first bytes, not its name.
package tablefile

import (
	"io"
	"os"
	"slices"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/parquet"
)

// A Reader gives a table piece by piece.
type Reader interface {
	data.TableReader
	// Names returns the names of all columns in the file, also of those that are not read.
	Names() []string
}

// Load reads a whole table. Of the options a Parquet file heeds the columns, their kinds and the limit on bytes; where
// a CSV file has no header and its columns are given names, a Parquet file must have columns of these names.
func Load(path string, o data.CSVOptions) (*data.Table, error) {
	if !IsParquet(path) {
		return data.LoadCSV(path, o)
	}
	return parquet.Load(path, parquetOptions(o))
}

// Open is Load for a file larger than memory. The caller closes the reader.
func Open(path string, o data.CSVOptions) (Reader, error) {
	if !IsParquet(path) {
		return data.OpenCSV(path, o)
	}
	return parquet.Open(path, parquetOptions(o))
}

// Names returns the names of the columns.
func Names(path string) ([]string, error) {
	r, err := Open(path, data.CSVOptions{Columns: []string{}})
	if err != nil {
		return nil, err
	}
	return r.Names(), r.Close()
}

// IsParquet reports whether a file is there, can be read, and is a Parquet file.
func IsParquet(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4)
	_, err = io.ReadFull(f, head)
	return err == nil && parquet.Is(head)
}

func parquetOptions(o data.CSVOptions) parquet.Options {
	p := parquet.Options{Name: o.Name, Columns: o.Columns, Kinds: o.Kinds, MaxBytes: o.MaxBytes}
	if o.NoHeader && p.Columns == nil {
		p.Columns = slices.Clone(o.Names)
	}
	return p
}
