package onnxio

import (
	"errors"
	"sync"
)

// source is where a model came from: the folder of its external data, and the files that are mapped
// on its behalf.
type source struct {
	dir string // empty if there is none

	mu     sync.Mutex
	closed bool
	maps   [][]byte
	files  map[string]*sideFile // external data that has been opened, by its clean location
}

var errClosed = errors.New("the model has been closed")

// keep notes a mapping for close.
func (s *source) keep(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.maps = append(s.maps, b)
}

func (s *source) close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, b := range s.maps {
		errs = append(errs, unmap(b))
	}
	for _, f := range s.files {
		if f.f != nil {
			errs = append(errs, f.f.Close())
		}
	}
	s.maps, s.files, s.closed = nil, nil, true
	return errors.Join(errs...)
}

// Dir returns the folder that the model's external data is in, empty if none is known.
func (m *Model) Dir() string {
	if m.source == nil {
		return ""
	}
	return m.source.dir
}

// Close releases the files that the model is mapped from. Nothing that came out of the model may be
// used afterwards: tensors and attribute bytes point into those files. A model that was not loaded
// from a file, or that will live as long as the program, need not be closed.
func (m *Model) Close() error { return m.source.close() }
