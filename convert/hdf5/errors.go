package hdf5

import (
	"errors"
	"fmt"
	"io/fs"
)

// The errors of this package match one of these with [errors.Is].
var (
	// ErrMalformed says that the file breaks the format: it is damaged, truncated or hostile.
	ErrMalformed = errors.New("malformed HDF5 file")
	// ErrUnsupported says that the file may be valid but uses what this package does not read.
	ErrUnsupported = errors.New("unsupported")
	// ErrExternal says that the data lies outside the file (external link, external storage,
	// virtual dataset). Such data is never read.
	ErrExternal = errors.New("refused: leads outside the file")
	// ErrLimit says that reading would exceed one of the [Limits].
	ErrLimit = errors.New("limit exceeded")
	// ErrType says that the stored datatype does not convert to the wanted one without loss.
	ErrType = errors.New("datatype mismatch")
	// ErrShape says that a buffer or an index does not fit the dataspace.
	ErrShape = errors.New("shape mismatch")
	// ErrNotExist says that there is no such object. It is [fs.ErrNotExist].
	ErrNotExist = fs.ErrNotExist
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, args...))
}

func external(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrExternal, fmt.Sprintf(format, args...))
}

// in says where an error happened.
func in(where string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", where, err)
}

// at is in with the package's name before it, for errors that leave the package.
func at(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("hdf5: %s: %w", path, err)
}
