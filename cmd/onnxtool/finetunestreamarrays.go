package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/nn"
)

// arraySet is the arrays of an .npz that are streamed.
type arraySet struct {
	form    *arrayForm
	files   data.ArrayFiles // each array is an input of its own name
	n       int
	window  int // examples that shuffling holds where it cannot be of all; 0 where it can
	classes classWeights
}

// openArrays finds the arrays. Those that are compressed are shuffled within a window.
func (f *finetuneFlags) openArrays(path string, net *nn.Net, outputs []tunedOutput) (*arraySet, error) {
	form, err := f.arrayForm(path, net, outputs)
	if err != nil {
		return nil, err
	}
	s := &arraySet{form: form, files: data.ArrayFiles{Inputs: map[string]data.ArrayFile{}, Shuffle: true}}
	for _, name := range form.names() {
		s.files.Inputs[name] = data.ArrayFile{Path: path, Name: name}
	}
	src, err := s.files.Source()
	if errors.Is(err, data.ErrCompressed) {
		s.window, s.files.Shuffle = f.window, false
		src, err = s.files.Source()
	}
	if err != nil {
		return nil, err
	}
	s.n = src.Len()
	return s, nil
}

func (s *arraySet) Len() int { return s.n }

// Batches returns the examples as a source, which reads while a step runs.
func (s *arraySet) Batches(o data.BatchOptions) (data.Source, error) {
	files := s.files
	files.Shuffle = o.Shuffle && s.window == 0
	files.Stream = data.StreamOptions{Size: o.Size, Seed: o.Seed, DropLast: o.DropLast}
	if o.Shuffle {
		files.Stream.Window = s.window
	}
	files.Convert = func(rows *data.Dataset) (*data.Dataset, error) {
		ds, err := s.form.examples(rows.Inputs(), 0)
		if err != nil || len(s.classes) == 0 {
			return ds, err
		}
		return ds.WithClassWeights(s.classes)
	}
	src, err := files.Source()
	if err != nil {
		return nil, err
	}
	return data.Prefetch(src, 2)
}

// First reads the first n examples, or all where there are fewer, into memory.
func (s *arraySet) First(n int) (ds *data.Dataset, err error) {
	err = s.each(min(n, s.n), func(rows map[string]tensor.Any, first int) error {
		if first > 0 {
			return io.EOF
		}
		ds, err = s.form.examples(rows, first)
		return err
	})
	return ds, err
}

func (s *arraySet) withClassWeights(c classWeights) tuningSet {
	weighted := *s
	weighted.classes = c
	return &weighted
}

// checkEach reads the arrays once: what is wrong in one of a shuffled batch's rows would not tell its place.
func (s *arraySet) checkEach(check func(*data.Dataset) error) error {
	const rows = 4096
	weighted := s.form.weights == ""
	err := s.each(rows, func(arrays map[string]tensor.Any, first int) error {
		ds, err := s.form.examples(arrays, first)
		if err == nil {
			err = check(ds)
		}
		if err != nil {
			return piece(first, min(rows, s.n-first), err)
		}
		weighted = weighted || someWeight(ds.Weight()) == nil
		return nil
	})
	if err == nil && !weighted {
		err = fmt.Errorf("array %s: %w", s.form.weights, errNoWeight)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.form.path, err)
	}
	return nil
}

// each calls f for n rows at a time, in the file's order, until it returns an error. io.EOF ends it without one.
func (s *arraySet) each(n int, f func(rows map[string]tensor.Any, first int) error) error {
	files := s.files
	files.Shuffle, files.Stream = false, data.StreamOptions{Size: n}
	src, err := files.Source()
	if err != nil {
		return err
	}
	it, err := src.Epoch(0)
	if err != nil {
		return err
	}
	defer it.Close()
	for first := 0; ; {
		b, err := it.Next()
		if err == nil {
			err = f(b.Inputs, first)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		first += b.N
	}
}
