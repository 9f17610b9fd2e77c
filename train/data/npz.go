package data

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// maxNPZArrays bounds the arrays in one file.
const maxNPZArrays = 1 << 16

// ReadNPZ reads every array of a file that NumPy's savez or savez_compressed wrote, by name. The limit is on all
// arrays together. A file in the archive that is no array, a name that comes twice and a checksum that is wrong
// are errors.
func ReadNPZ(r io.ReaderAt, size int64, opts ArrayOptions) (map[string]tensor.Any, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: NPZ: %w", ErrMalformed, err)
	}
	if len(z.File) > maxNPZArrays {
		return nil, fmt.Errorf("%w: NPZ: %d files, %d allowed", ErrLimit, len(z.File), maxNPZArrays)
	}
	left := opts.limit()
	arrays := make(map[string]tensor.Any, len(z.File))
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("%w: NPZ: %s is no array", ErrMalformed, quote(f.Name))
		}
		if _, twice := arrays[name]; twice {
			return nil, fmt.Errorf("%w: NPZ: %s comes twice", ErrMalformed, quote(f.Name))
		}
		t, held, err := readNPZArray(f, left)
		if err != nil {
			return nil, fmt.Errorf("NPZ: %s: %w", quote(f.Name), err)
		}
		left -= held
		arrays[name] = t
	}
	return arrays, nil
}

func readNPZArray(f *zip.File, limit int64) (tensor.Any, int64, error) {
	r, err := f.Open()
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	defer r.Close()
	t, held, err := readNPY(r, limit)
	if err != nil {
		return nil, 0, err
	}
	if err := atEnd(r); err != nil { // also checks the sum
		return nil, 0, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return t, held, nil
}

// LoadNPZ is [ReadNPZ] for a file.
func LoadNPZ(path string, opts ArrayOptions) (map[string]tensor.Any, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	arrays, err := ReadNPZ(f, info.Size(), opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return arrays, nil
}

// WriteNPZ writes the tensors as NumPy's savez_compressed does, in the order of their names. The same tensors
// give the same bytes.
func WriteNPZ(w io.Writer, arrays map[string]tensor.Any) error {
	z := zip.NewWriter(w)
	for _, name := range sortedKeys(arrays) {
		f, err := z.CreateHeader(&zip.FileHeader{
			Name: name + ".npy", Method: zip.Deflate,
			Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), // the first that zip knows
		})
		if err != nil {
			return err
		}
		if err := WriteNPY(f, arrays[name]); err != nil {
			return fmt.Errorf("array %s: %w", name, err)
		}
	}
	return z.Close()
}
