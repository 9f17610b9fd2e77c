package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"

	"github.com/parquet-go/parquet-go/format"
)

const (
	mark       = "PAR1"
	sealed     = "PARE" // of a file whose footer is encrypted
	mostFooter = 64 << 20
)

// readFooter reads what the file says of itself.
func (r *Reader) readFooter(size int64) error {
	var head, tail [8]byte
	if size < int64(len(mark)+len(tail)) {
		return errors.New("it is too short for a Parquet file")
	}
	if _, err := r.file.ReadAt(head[:], 0); err != nil {
		return err
	}
	if _, err := r.file.ReadAt(tail[:], size-int64(len(tail))); err != nil {
		return err
	}
	switch {
	case string(head[:4]) == sealed || string(tail[4:]) == sealed:
		return errors.New("it is encrypted")
	case string(head[:4]) != mark:
		return errors.New("it is no Parquet file: it does not start with PAR1")
	case string(tail[4:]) != mark:
		return errors.New("it does not end as a Parquet file does: was all of it written?")
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if n > size-int64(len(mark)+len(tail)) {
		return fmt.Errorf("a footer of %d bytes in a file of %d", n, size)
	}
	if n > mostFooter {
		return limit("a footer of %d bytes, at most %d are read", n, mostFooter)
	}
	b := make([]byte, n)
	r.end = size - int64(len(tail)) - n
	if _, err := r.file.ReadAt(b, r.end); err != nil {
		return err
	}
	if _, err := unmarshal(b, &r.meta); err != nil {
		return fmt.Errorf("its footer: %w", err)
	}
	if r.meta.EncryptionAlgorithm.Value != nil {
		return errors.New("its columns are encrypted")
	}
	return nil
}

// pandasIndex is the name that pandas gives an index without one.
var pandasIndex = regexp.MustCompile(`^__index_level_\d+__$`)

// checkGroups holds what the footer says of the row groups against the file.
func (r *Reader) checkGroups(columns int) error {
	total := int64(0)
	for g := range r.meta.RowGroups {
		group := &r.meta.RowGroups[g]
		if group.NumRows < 0 || group.NumRows > math.MaxInt64-total {
			return fmt.Errorf("row group %d of %d rows", g, group.NumRows)
		}
		total += group.NumRows
		if len(group.Columns) != columns {
			return fmt.Errorf("row group %d has %d columns, the schema %d", g, len(group.Columns), columns)
		}
	}
	if total != r.meta.NumRows {
		return fmt.Errorf("its row groups have %d rows, and it says that there are %d", total, r.meta.NumRows)
	}
	return nil
}

// section returns the bytes of a column's chunk.
func (r *Reader) section(l *leaf, group *format.RowGroup) (*io.SectionReader, error) {
	chunk := &group.Columns[l.index]
	m := &chunk.MetaData
	start := m.DataPageOffset
	if m.DictionaryPageOffset > 0 && m.DictionaryPageOffset < start {
		start = m.DictionaryPageOffset
	}
	switch {
	case chunk.FilePath != "":
		return nil, fmt.Errorf("its values are in another file (%q)", chunk.FilePath)
	case m.Type != l.physical:
		return nil, fmt.Errorf("it is %v in the schema and %v in a row group", l.physical, m.Type)
	case m.NumValues != group.NumRows:
		return nil, fmt.Errorf("%d values in a row group of %d rows", m.NumValues, group.NumRows)
	case start < int64(len(mark)) || m.TotalCompressedSize < 0 || start > r.end || m.TotalCompressedSize > r.end-start:
		return nil, fmt.Errorf("its values are said to be at %d to %d+%d of %d bytes", start, start, m.TotalCompressedSize, r.end)
	}
	return io.NewSectionReader(r.file, start, m.TotalCompressedSize), nil
}
