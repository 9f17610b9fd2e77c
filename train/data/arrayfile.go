package data

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// An ArrayFile names an array in a file: NPY, one of an NPZ, or IDX; NPY and IDX may be compressed by gzip. Which
// format it is, its first bytes tell.
type ArrayFile struct {
	Path string
	Name string // of the array in an NPZ; may be empty where it holds one
}

// String returns the file and the array's name.
func (f ArrayFile) String() string {
	if f.Name == "" {
		return f.Path
	}
	return f.Path + ": array " + f.Name
}

// arrayRows reads an array row by row: what its first dimension counts.
type arrayRows struct {
	name     ArrayFile
	cell     cell
	shape    tensor.Shape
	rowBytes int               // of a row in the file
	inOrder  io.Reader         // the rows as they come
	at       *io.SectionReader // the same where they can be read at any place, else nil
	done     int               // rows that came
	raw      []byte            // the last rows as they are stored, then as they are
	file     io.Closer
}

// open reads the header. The caller closes the result.
func (f ArrayFile) open(limit int64) (*arrayRows, error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	a := &arrayRows{name: f, file: file}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("this is no file")
	}
	if err == nil {
		err = a.start(io.NewSectionReader(file, 0, info.Size()), limit)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%v: %w", f, err)
	}
	return a, nil
}

func (a *arrayRows) Close() error { return a.file.Close() }

// start finds the array and reads its header.
func (a *arrayRows) start(whole *io.SectionReader, limit int64) error {
	var mark [4]byte
	_, err := whole.ReadAt(mark[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case bytes.Equal(mark[:], []byte("PK\x03\x04")):
		err = a.startNPZ(whole)
	case a.name.Name != "":
		return fmt.Errorf("%w: not an NPZ file, the format in which arrays have names", ErrMalformed)
	default:
		if a.inOrder, err = gunzip(whole); mark[0] != 0x1f || mark[1] != 0x8b {
			a.at = whole
		}
	}
	if err != nil {
		return err
	}
	return a.header(limit)
}

// startNPZ finds the array in the archive. One that is stored as it is can be read at any place.
func (a *arrayRows) startNPZ(whole *io.SectionReader) error {
	z, err := zip.NewReader(whole, whole.Size())
	if err != nil {
		return fmt.Errorf("%w: NPZ: %w", ErrMalformed, err)
	}
	if len(z.File) > maxNPZArrays {
		return fmt.Errorf("%w: NPZ: %d files, %d allowed", ErrLimit, len(z.File), maxNPZArrays)
	}
	names := make([]string, len(z.File))
	for i, m := range z.File {
		names[i] = strings.TrimSuffix(m.Name, ".npy")
	}
	i := slices.Index(names, a.name.Name)
	if a.name.Name == "" && len(names) == 1 {
		i = 0
	}
	if i < 0 {
		return fmt.Errorf("%w: NPZ: the arrays are %s: name one of them", ErrMalformed, list(names))
	}
	m := z.File[i]
	if a.inOrder, err = m.Open(); err != nil {
		return fmt.Errorf("%w: NPZ: %w", ErrMalformed, err)
	}
	offset, err := m.DataOffset()
	if err == nil && m.Method == zip.Store && offset <= whole.Size() && m.UncompressedSize64 <= uint64(whole.Size()-offset) {
		a.at = io.NewSectionReader(whole, offset, int64(m.UncompressedSize64))
	}
	return nil
}

// header reads type and shape, and holds them against the limit and the bytes that there are.
func (a *arrayRows) header(limit int64) error {
	r := &counter{r: bufio.NewReaderSize(a.inOrder, 1<<16)}
	mark, err := r.r.Peek(2)
	if err != nil {
		return truncated("header", err)
	}
	fortran := false
	if mark[0] == 0 && mark[1] == 0 {
		a.cell, a.shape, err = readIDXHeader(r)
	} else {
		var h *npyHeader
		if h, err = readNPYHeader(r); err == nil {
			a.shape, fortran = h.shape, h.fortran && len(h.shape) > 1
			a.cell, err = h.cell()
		}
	}
	switch {
	case err != nil:
		return err
	case len(a.shape) == 0:
		return fmt.Errorf("%w: a scalar; its first dimension must count the examples", ErrShape)
	case fortran:
		return fmt.Errorf("%w: the array is stored column by column, so no row can be read alone: save numpy.ascontiguousarray of it", ErrMalformed)
	}
	row, held, err := arrayBytes(a.shape[1:], a.cell.held(), limit)
	if err != nil {
		return fmt.Errorf("a row: %w", err)
	}
	if held == 0 || row*a.cell.size == 0 {
		return fmt.Errorf("%w: rows of shape %v are empty", ErrShape, a.shape[1:])
	}
	a.rowBytes, a.inOrder = row*a.cell.size, r.r
	if a.at == nil {
		return nil
	}
	if have := a.at.Size() - r.n; have%int64(a.rowBytes) != 0 || have/int64(a.rowBytes) != int64(a.shape[0]) {
		return fmt.Errorf("%w: %d bytes for %s of %d bytes each", ErrMalformed, have, plural(a.shape[0], "row"), a.rowBytes)
	}
	a.at = io.NewSectionReader(a.at, r.n, a.at.Size()-r.n)
	return nil
}

// counter counts what is read.
type counter struct {
	r *bufio.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// next returns the next n rows, fewer at the end, and io.EOF after it. They are valid until rows are read again.
func (a *arrayRows) next(n int) (tensor.Any, error) {
	n = min(n, a.shape[0]-a.done)
	if n == 0 {
		if err := atEnd(a.inOrder); err != nil { // also checks the sum of what was compressed
			return nil, fmt.Errorf("%v: %w", a.name, err)
		}
		return nil, io.EOF
	}
	size := n * a.rowBytes
	var err error
	if cap(a.raw) >= size {
		a.raw = a.raw[:size]
		_, err = io.ReadFull(a.inOrder, a.raw)
	} else {
		a.raw, err = readExact(a.inOrder, int64(size)) // takes no more memory than there are bytes
	}
	if err != nil {
		return nil, fmt.Errorf("%v: row %d: %w", a.name, a.done, truncated("data", err))
	}
	t, err := a.rows(n)
	a.done += n
	return t, err
}

// pick returns the rows with the given numbers, in that order. They are valid until rows are read again.
func (a *arrayRows) pick(rows []int) (tensor.Any, error) {
	size := len(rows) * a.rowBytes
	if cap(a.raw) < size {
		a.raw = aligned(int64(size))
	}
	a.raw = a.raw[:size]
	for i, row := range rows {
		if _, err := a.at.ReadAt(a.raw[i*a.rowBytes:(i+1)*a.rowBytes], int64(row)*int64(a.rowBytes)); err != nil {
			return nil, fmt.Errorf("%v: row %d: %w", a.name, row, truncated("data", err))
		}
	}
	return a.rows(len(rows))
}

// rows returns the raw bytes as n rows.
func (a *arrayRows) rows(n int) (tensor.Any, error) {
	shape := a.shape.Clone()
	shape[0] = n
	t, err := a.cell.tensor(shape, a.raw, false)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", a.name, err)
	}
	return t, nil
}
