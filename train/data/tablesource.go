package data

import (
	"errors"
	"fmt"
)

// A TableReader gives a table piece by piece, as a [CSVReader] does.
type TableReader interface {
	// Read returns the next rows, n at most and one at least, and io.EOF after the last.
	Read(n int) (*Table, error)
	// Close closes what the rows are read from.
	Close() error
}

// TableSource streams batches from a table that need not fit in memory: each epoch reads it once.
type TableSource struct {
	// Open starts at the first row.
	Open func() (TableReader, error)
	// Convert makes examples of rows: drops what is missing, scales, calls [Table.Dataset]. It may return
	// fewer examples than there are rows, or none, and is called for a few thousand rows at a time. Every
	// result must have the same names, types and row shapes.
	Convert func(*Table) (*Dataset, error)
	Stream  StreamOptions
}

// Len returns -1: the examples are not counted before they are read.
func (s *TableSource) Len() int { return -1 }

// Epoch opens the table.
func (s *TableSource) Epoch(epoch int) (Iterator, error) {
	if s.Open == nil || s.Convert == nil {
		return nil, errors.New("data: a source of rows needs Convert, and a table to open")
	}
	src, err := Stream(tableChunks{s}, s.Stream)
	if err != nil {
		return nil, err
	}
	return src.Epoch(epoch)
}

// tableChunks gives examples as they are read.
type tableChunks struct{ *TableSource }

func (s tableChunks) Epoch(epoch int) (Iterator, error) {
	if epoch < 0 {
		return nil, fmt.Errorf("data: no epoch %d", epoch)
	}
	r, err := s.Open()
	if err != nil {
		return nil, err
	}
	return &tableIterator{r, s.Convert}, nil
}

// chunkRows is how many rows are converted at a time.
const chunkRows = 4096

type tableIterator struct {
	TableReader
	convert func(*Table) (*Dataset, error)
}

func (it *tableIterator) Next() (*Batch, error) {
	t, err := it.Read(chunkRows)
	if err != nil {
		return nil, err
	}
	d, err := it.convert(t)
	if err != nil {
		return nil, err
	}
	return d.batch(), nil
}
