package data

import (
	"errors"
	"fmt"
	"io"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// CSVSource streams batches from a CSV file that need not fit in memory: each epoch reads it once.
type CSVSource struct {
	Path string
	CSV  CSVOptions
	// Convert makes examples of rows: drops what is missing, scales, calls [Table.Dataset]. It may return
	// fewer examples than there are rows, or none, and is called for a few thousand rows at a time. Every
	// result must have the same names, types and row shapes.
	Convert func(*Table) (*Dataset, error)
	// Window is how many examples are held in memory to shuffle: a batch's are drawn from it at random, and
	// what is drawn is replaced by what is read next. 0 keeps the file's order. Where the window holds the
	// whole file the order is a true shuffle; a file sorted by class needs that, or another order.
	Window   int
	Seed     uint64
	Size     int  // examples in a batch; 0 is 32
	DropLast bool // leave out a last batch that is smaller
}

// Len returns -1: the examples are not counted before they are read.
func (s *CSVSource) Len() int { return -1 }

// Epoch opens the file.
func (s *CSVSource) Epoch(epoch int) (Iterator, error) {
	size, err := BatchOptions{Size: s.Size}.size()
	switch {
	case err != nil:
		return nil, err
	case s.Convert == nil:
		return nil, errors.New("data: CSVSource needs Convert")
	case s.Window < 0 || s.Window > 1<<30 || size > 1<<30:
		return nil, fmt.Errorf("data: a window of %d examples and batches of %d", s.Window, size)
	case epoch < 0:
		return nil, fmt.Errorf("data: no epoch %d", epoch)
	}
	f, err := openFile(s.Path)
	if err != nil {
		return nil, err
	}
	opts := s.CSV
	if opts.Name == "" {
		opts.Name = s.Path
	}
	r, err := NewCSVReader(f, opts)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &csvIterator{
		source: s, file: f, reader: r, size: size,
		random: newRandom(s.Seed, windowStream+uint64(epoch)),
	}, nil
}

// chunkRows is how many rows are converted at a time.
const chunkRows = 4096

type csvIterator struct {
	source *CSVSource
	file   io.Closer
	reader *CSVReader
	random *random
	size   int

	chunk  *Dataset // examples that were read, those before at used up
	at     int
	ended  bool // no more chunks
	window *Dataset
	held   int // examples in the window
	room   *Dataset
	err    error // what Next said last
}

// Next fills a batch. After an error it returns the same one again.
func (it *csvIterator) Next() (*Batch, error) {
	if it.err != nil {
		return nil, it.err
	}
	n := 0
	for n < it.size {
		ok, err := it.draw(n)
		if err != nil {
			it.err = err
			return nil, err
		}
		if !ok {
			break
		}
		n++
	}
	switch {
	case n == it.size:
		return it.room.batch(), nil
	case n > 0 && !it.source.DropLast:
		return it.room.slice(0, n).batch(), nil
	}
	it.err = io.EOF
	return nil, io.EOF
}

// draw puts one example into the batch, at place to.
func (it *csvIterator) draw(to int) (bool, error) {
	for it.held < it.source.Window {
		ok, err := it.advance()
		if err != nil {
			return false, err
		}
		if !ok {
			break
		}
		copyExample(it.window, it.held, it.chunk, it.at)
		it.at++
		it.held++
	}
	if it.held == 0 {
		ok, err := it.advance()
		if ok {
			copyExample(it.room, to, it.chunk, it.at)
			it.at++
		}
		return ok, err
	}
	k := it.random.below(it.held)
	copyExample(it.room, to, it.window, k)
	it.held--
	if k != it.held {
		copyExample(it.window, k, it.window, it.held)
	}
	return true, nil
}

// advance makes sure that there is an example at the chunk's front, and reports false after the last.
func (it *csvIterator) advance() (bool, error) {
	for !it.ended && (it.chunk == nil || it.at == it.chunk.n) {
		t, err := it.reader.Read(chunkRows)
		if errors.Is(err, io.EOF) {
			it.ended, it.chunk = true, nil
			return false, nil
		}
		if err != nil {
			return false, err
		}
		next, err := it.source.Convert(t)
		if err != nil {
			return false, err
		}
		if next.n == 0 {
			continue
		}
		if it.room == nil {
			it.room, it.window = next.roomFor(it.size), next.roomFor(it.source.Window)
		} else if err := it.room.sameRows(next); err != nil {
			return false, err
		}
		it.chunk, it.at = next, 0
	}
	return !it.ended, nil
}

// Close closes the file.
func (it *csvIterator) Close() error {
	if it.err == nil {
		it.err = io.EOF
	}
	return it.file.Close()
}

// roomFor returns a dataset of n examples to be filled.
func (d *Dataset) roomFor(n int) *Dataset {
	return d.each(n, func(t tensor.Any) tensor.Any { return allocRows(t, n) })
}

// sameRows reports an error unless examples of e fit among those of d.
func (d *Dataset) sameRows(e *Dataset) error {
	for name, t := range d.all() {
		u := e.named(name)
		if u == nil || u.DType() != t.DType() || !u.Shape()[1:].Equal(t.Shape()[1:]) {
			return fmt.Errorf("%w: %s was %s at first, then %s", ErrShape, name, describe(t), describeOrNil(u))
		}
	}
	for name, t := range e.all() {
		if d.named(name) == nil {
			return fmt.Errorf("%w: %s was missing at first, then %s", ErrShape, name, describe(t))
		}
	}
	return nil
}

func describeOrNil(t tensor.Any) string {
	if t == nil {
		return "missing"
	}
	return describe(t)
}

// copyExample sets example i of dst to example j of src.
func copyExample(dst *Dataset, i int, src *Dataset, j int) {
	for name, t := range dst.inputs {
		copyRow(t, i, src.inputs[name], j)
	}
	if dst.target != nil {
		copyRow(dst.target, i, src.target, j)
	}
	if dst.weight != nil {
		copyRow(dst.weight, i, src.weight, j)
	}
}

func copyRow(dst tensor.Any, i int, src tensor.Any, j int) {
	w := width(dst)
	if dst.DType() == tensor.String {
		copy(tensor.Data[string](dst)[i*w:(i+1)*w], tensor.Data[string](src)[j*w:(j+1)*w])
		return
	}
	w *= dst.DType().Size()
	copy(tensor.Bytes(dst)[i*w:(i+1)*w], tensor.Bytes(src)[j*w:(j+1)*w])
}
