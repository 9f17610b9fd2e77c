package onnxio

import (
	"errors"
	"fmt"
	"io"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
)

// largest is the size of the largest message that protocol buffer readers take.
const largest = 1<<31 - 1

// Marshal returns the model as an ONNX file's bytes, fields in the order of their numbers.
func Marshal(m *Model) ([]byte, error) {
	if m == nil {
		return nil, errNil
	}
	return encodeMessage(m)
}

// SaveOptions says how a model is written. The zero value writes one file.
type SaveOptions struct{}

// Save writes the model to a file. The file appears whole or not at all: it is written under
// another name, synced, and renamed.
func Save(path string, m *Model, o SaveOptions) error {
	if err := save(path, m); err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	return nil
}

func save(path string, m *Model) error {
	if m == nil {
		return errNil
	}
	n, sizes, err := measure(m)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		e := &encoder{buf: make([]byte, 0, min(n, 2*chunk)), w: w, sizes: sizes}
		m.encode(e)
		e.flush()
		return e.err
	})
}

var errNil = errors.New("the model is nil")

func measure(m encodable) (int, []int, error) {
	s := &sizer{}
	n := m.size(s)
	if n > largest {
		s.fail(fmt.Errorf("%w: the model takes %d bytes, an ONNX file has at most %d", ErrLimit, n, largest))
	}
	return n, s.sizes, s.err
}

// EncodeTensor returns a tensor's own message, the form of recorded inputs and outputs.
func EncodeTensor(m *Tensor) ([]byte, error) {
	if m == nil {
		return nil, errors.New("the tensor is nil")
	}
	return encodeMessage(m)
}

func encodeMessage(m encodable) ([]byte, error) {
	n, sizes, err := measure(m)
	if err != nil {
		return nil, err
	}
	e := &encoder{buf: make([]byte, 0, n), sizes: sizes}
	m.encode(e)
	return e.buf, nil
}
