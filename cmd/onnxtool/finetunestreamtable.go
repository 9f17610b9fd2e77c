package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/tablefile"
	"github.com/onnxtool/onnxtool/train/nn"
)

// tableSet is a table that is streamed.
type tableSet struct {
	form    *tableForm
	window  int // examples that shuffling holds
	classes classWeights
	check   func(*data.Dataset) error // of each piece; nil is none
}

// openTable makes sure of the first row.
func (f *finetuneFlags) openTable(path string, net *nn.Net, outputs []tunedOutput) (*tableSet, error) {
	form, err := f.tableForm(path, net, outputs)
	if err != nil {
		return nil, err
	}
	s := &tableSet{form: form, window: f.window}
	_, err = s.First(1)
	return s, err
}

// Len returns -1: rows are not counted before they are read.
func (s *tableSet) Len() int { return -1 }

// Batches returns the rows as a source. They are shuffled within the window, and read while a step runs.
func (s *tableSet) Batches(o data.BatchOptions) (data.Source, error) {
	stream := data.StreamOptions{Size: o.Size, Seed: o.Seed, DropLast: o.DropLast}
	if o.Shuffle {
		stream.Window = s.window
	}
	return data.Prefetch(&tableEpochs{s, stream}, 2)
}

// First reads the first n rows, or all where there are fewer, into memory.
func (s *tableSet) First(n int) (*data.Dataset, error) {
	r, err := s.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all []*data.Table
	for have := 0; have < n; {
		t, err := r.Read(n - have)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		all, have = append(all, t), have+t.Rows()
	}
	if len(all) == 0 {
		return nil, noRows(s.form.path)
	}
	t, err := data.Concat(all...)
	if err != nil {
		return nil, err
	}
	return s.examples(t, 0)
}

func (s *tableSet) withClassWeights(c classWeights) tuningSet {
	weighted := *s
	weighted.classes = c
	return &weighted
}

// checkEach has the rows checked as they are read: reading them takes as long as a step.
func (s *tableSet) checkEach(check func(*data.Dataset) error) error {
	s.check = check
	return nil
}

func (s *tableSet) open() (data.TableReader, error) {
	kinds, columns := s.form.columns.Kinds(), s.form.columns.Columns()
	for _, name := range s.form.apart() {
		if name != "" {
			kinds[name] = data.Float
			columns = append(columns, name)
		}
	}
	return tablefile.Open(s.form.path, data.CSVOptions{Kinds: kinds, Columns: columns})
}

// examples makes examples of rows, the first of which is the file's row of that number, from 0.
func (s *tableSet) examples(rows *data.Table, first int) (*data.Dataset, error) {
	ds, err := s.form.examples(rows, first)
	if err != nil {
		return nil, err
	}
	if s.check != nil {
		if err := s.check(ds); err != nil {
			return nil, fmt.Errorf("%s: %w", s.form.path, piece(first, rows.Rows(), err))
		}
	}
	if len(s.classes) == 0 {
		return ds, nil
	}
	return ds.WithClassWeights(s.classes)
}

// tableEpochs are the passes through a table.
type tableEpochs struct {
	*tableSet
	stream data.StreamOptions
}

// Epoch opens the table and counts the rows that have been read.
func (s *tableEpochs) Epoch(epoch int) (data.Iterator, error) {
	read := 0
	src := data.TableSource{
		Open: s.open,
		Convert: func(rows *data.Table) (*data.Dataset, error) {
			ds, err := s.examples(rows, read)
			read += rows.Rows()
			return ds, err
		},
		Stream: s.stream,
	}
	return src.Epoch(epoch)
}
