package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/tablefile"
	"github.com/onnxtool/onnxtool/train/nn"
)

// streamedSets opens tables that are read anew in each epoch.
func (f *finetuneFlags) streamedSets(net *nn.Net, outputs []tunedOutput) (*tuningSets, error) {
	open := func(path string) (*tableSet, error) {
		if !isTable(path) {
			return nil, usagef("--stream is for tables, CSV or Parquet; %s is none", path)
		}
		form, err := f.tableForm(path, net, outputs)
		if err != nil {
			return nil, err
		}
		s := &tableSet{form: form, window: f.window}
		_, err = s.First(1)
		return s, err
	}
	rows, err := open(f.data)
	if err != nil {
		return nil, err
	}
	sets := &tuningSets{train: rows}
	if f.validationData != "" {
		validation, err := open(f.validationData)
		if err != nil {
			return nil, err
		}
		sets.validation = validation
	}
	return sets, nil
}

// tableSet is a table that is read piece by piece, anew in each epoch, so that it may be larger than memory.
type tableSet struct {
	form    *tableForm
	window  int // examples that shuffling holds
	classes classWeights
	check   func(*data.Dataset) error // of each piece; nil is none
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

// withClassWeights returns the set with its examples' weights multiplied by those of their classes.
func (s *tableSet) withClassWeights(c classWeights) *tableSet {
	weighted := *s
	weighted.classes = c
	return &weighted
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
			return nil, fmt.Errorf("%s: in the %d rows from row %d on: %w", s.form.path, rows.Rows(), first+1, err)
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
