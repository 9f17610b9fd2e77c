package onnxio

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// largest is the size of the largest message that protocol buffer readers take.
const largest = 1<<31 - 1

// Marshal returns the model as an ONNX file's bytes, fields in the order of their numbers.
func Marshal(m *Model) ([]byte, error) {
	n, sizes, err := measure(m)
	if err != nil {
		return nil, err
	}
	e := &encoder{buf: make([]byte, 0, n), sizes: sizes}
	m.encode(e)
	return e.buf, nil
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
	n, sizes, err := measure(m)
	if err != nil {
		return err
	}
	if n > largest {
		return fmt.Errorf("the model takes %d bytes, and an ONNX file can have at most %d", n, largest)
	}
	return writeFile(path, func(w io.Writer) error {
		e := &encoder{buf: make([]byte, 0, min(n, 2*chunk)), w: w, sizes: sizes}
		m.encode(e)
		e.flush()
		return e.err
	})
}

func measure(m *Model) (int, []int, error) {
	if m == nil {
		return 0, nil, errors.New("the model is nil")
	}
	s := &sizer{}
	n := m.size(s)
	return n, s.sizes, s.err
}

// writeFile makes a file whole or not at all.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = f.Chmod(fileMode(path)); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// fileMode returns the permissions of a file that is to be replaced, or those of a new one.
func fileMode(path string) os.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}
