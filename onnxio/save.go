package onnxio

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
)

// largest is the size of the largest message that protocol buffer readers take.
const largest = 1<<31 - 1

var errNil = errors.New("the model is nil")

// Marshal returns the model as an ONNX file's bytes, fields in the order of their numbers.
// Tensors whose elements are in another file keep their reference.
func Marshal(m *Model) ([]byte, error) {
	if m == nil {
		return nil, errNil
	}
	return encodeMessage(m)
}

// EncodeTensor returns a tensor's own message, the form of recorded inputs and outputs.
func EncodeTensor(m *Tensor) ([]byte, error) {
	if m == nil {
		return nil, errors.New("the tensor is nil")
	}
	return encodeMessage(m)
}

func encodeMessage(m encodable) ([]byte, error) {
	n, sizes, err := measure(m, nil)
	if err != nil {
		return nil, err
	}
	e := &encoder{buf: make([]byte, 0, n), sizes: sizes}
	m.encode(e)
	return e.buf, nil
}

// measure returns the bytes that a message takes, and the lengths of its parts. Tensors in swap are
// taken for others.
func measure(m encodable, swap map[*Tensor]*Tensor) (int, []int, error) {
	s := &sizer{swap: swap}
	n := m.size(s)
	if uint(n) > largest { // below 0 where an int has 32 bits and overflows
		s.fail(fmt.Errorf("%w: the model takes %d bytes, an ONNX file has at most %d: use SaveOptions.ExternalData",
			ErrLimit, uint(n), largest))
	}
	return n, s.sizes, s.err
}

// SaveOptions says how a model is written. The zero value writes one file, in which tensors with
// external data keep their reference if that file stays where it is.
type SaveOptions struct {
	// ExternalData names a file, beside the model's, for the elements of large initializers; it is
	// written anew. Models above 2 GiB need it. By custom it is the model's name with .data.
	ExternalData string
	// Threshold is the size in bytes from which an initializer goes to ExternalData; 0 means 1024.
	Threshold int
	// Embed brings the elements of external data into the model's file.
	Embed bool
}

// Save writes the model to a file, and external data to the file beside it that the options name.
// Each appears whole or not at all: it is written under another name, synced, and renamed, external
// data first. The model in memory does not change.
func Save(path string, m *Model, o SaveOptions) error {
	if err := save(path, m, o); err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	return nil
}

func save(path string, m *Model, o SaveOptions) error {
	if m == nil {
		return errNil
	}
	plan, err := planSave(path, m, o)
	if err != nil {
		return err
	}
	n, sizes, err := measure(m, plan.swap)
	if err != nil {
		return err
	}
	if o.ExternalData != "" {
		if err := plan.writeSide(filepath.Join(filepath.Dir(path), o.ExternalData)); err != nil {
			return fmt.Errorf("external data %s: %w", o.ExternalData, err)
		}
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		e := &encoder{buf: make([]byte, 0, min(n, 2*chunk)), w: w, sizes: sizes, swap: plan.swap}
		m.encode(e)
		e.flush()
		return e.err
	})
}

// sameFolder reports whether two paths lead to one folder.
func sameFolder(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
