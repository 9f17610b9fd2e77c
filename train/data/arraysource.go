package data

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ArrayFiles are examples in arrays in files, which need not fit in memory: a row of each is one example.
type ArrayFiles struct {
	Inputs map[string]ArrayFile // by the input's name
	Target ArrayFile            // Path is empty for none
	Weight ArrayFile            // Path is empty for none
	// Convert makes of rows what the model takes: it scales, or changes the type, see [As]. It is called for up
	// to a few thousand examples at a time and must return as many. nil leaves them as they are.
	Convert func(*Dataset) (*Dataset, error)
	// Shuffle gives each epoch another order of all examples, Permutation(n, Stream.Seed, epoch), as
	// [BatchOptions] does. It reads rows at any place, which a compressed file does not allow ([ErrCompressed]):
	// a window (Stream.Window) shuffles that.
	Shuffle  bool
	Stream   StreamOptions
	MaxBytes int64 // of one row in memory; 0 is 4 GiB
}

// Source checks that the arrays fit together. Every epoch opens the files again.
func (f ArrayFiles) Source() (Source, error) {
	opts, err := f.Stream.check()
	if err != nil {
		return nil, err
	}
	f.Stream = opts
	if f.Shuffle && opts.Window > 0 {
		return nil, errors.New("data: examples are shuffled as a whole or in a window, not both")
	}
	a, err := f.open()
	if err != nil {
		return nil, err
	}
	defer a.Close()
	s := arraySource{f, a.n}
	switch {
	case a.n == 0:
		return nil, fmt.Errorf("%v: %w: there are no examples", a.files[0].name, ErrShape)
	case opts.DropLast && opts.Size > a.n:
		return nil, fmt.Errorf("data: no whole batch of %d in %s", opts.Size, plural(a.n, "example"))
	case f.Shuffle:
		return s, nil
	}
	return Stream(s, opts)
}

// openArrays are the arrays of an epoch, of n rows each.
type openArrays struct {
	names []string // of the inputs, in the files' order
	files []*arrayRows
	n     int
}

func (f ArrayFiles) open() (*openArrays, error) {
	a := &openArrays{names: sortedKeys(f.Inputs)}
	if len(a.names) == 0 {
		return nil, fmt.Errorf("%w: a dataset needs an input", ErrShape)
	}
	var names []ArrayFile
	for _, n := range a.names {
		names = append(names, f.Inputs[n])
	}
	for _, n := range []ArrayFile{f.Target, f.Weight} {
		if n.Path != "" {
			names = append(names, n)
		}
	}
	for i, n := range names {
		r, err := n.open(ArrayOptions{f.MaxBytes}.limit())
		if err != nil {
			a.Close()
			return nil, err
		}
		a.files = append(a.files, r)
		if i == 0 {
			a.n = r.shape[0]
		}
		if r.shape[0] != a.n {
			a.Close()
			return nil, fmt.Errorf("%w: %v has %s, %v has %d", ErrShape, names[0], plural(a.n, "row"), n, r.shape[0])
		}
		if f.Shuffle && r.at == nil {
			a.Close()
			return nil, fmt.Errorf("%v: %w, so its rows come in their order alone: shuffle in a window", n, ErrCompressed)
		}
	}
	return a, nil
}

func (a *openArrays) Close() error {
	var all []error
	for _, f := range a.files {
		all = append(all, f.Close())
	}
	return errors.Join(all...)
}

// dataset reads a piece of each file and puts them together.
func (a *openArrays) dataset(f ArrayFiles, read func(*arrayRows) (tensor.Any, error)) (*Dataset, error) {
	pieces := make([]tensor.Any, len(a.files))
	var end error
	for i, file := range a.files {
		var err error
		if pieces[i], err = read(file); errors.Is(err, io.EOF) {
			end = io.EOF // of all files: each checks that nothing follows
		} else if err != nil {
			return nil, err
		}
	}
	if end != nil {
		return nil, end
	}
	inputs := make(map[string]tensor.Any, len(a.names))
	for i, name := range a.names {
		inputs[name] = pieces[i]
	}
	rest := pieces[len(a.names):]
	var target, weight tensor.Any
	if f.Target.Path != "" {
		target, rest = rest[0], rest[1:]
	}
	if f.Weight.Path != "" {
		weight = rest[0]
	}
	d, err := New(inputs, target, weight)
	if err != nil || f.Convert == nil {
		return d, err
	}
	n := d.n
	if d, err = f.Convert(d); err == nil && d.n != n {
		err = fmt.Errorf("%w: Convert made %s of %d", ErrShape, plural(d.n, "example"), n)
	}
	return d, err
}

// arraySource gives pieces in the files' order, or batches in another.
type arraySource struct {
	ArrayFiles
	n int
}

func (s arraySource) Len() int {
	if s.Shuffle && s.Stream.DropLast {
		return s.n - s.n%s.Stream.Size
	}
	return s.n
}

func (s arraySource) Epoch(epoch int) (Iterator, error) {
	if epoch < 0 {
		return nil, fmt.Errorf("data: no epoch %d", epoch)
	}
	a, err := s.open()
	if err != nil {
		return nil, err
	}
	if a.n != s.n {
		a.Close()
		return nil, fmt.Errorf("%v: %w: %s, and there were %d", a.files[0].name, ErrShape, plural(a.n, "row"), s.n)
	}
	it := &arrayIterator{source: s, arrays: a, size: s.Stream.Size, left: s.Len()}
	if s.Shuffle {
		it.order = Permutation(s.n, s.Stream.Seed, uint64(epoch))
		return it, nil
	}
	it.size = chunkRows
	for _, f := range a.files {
		it.size = max(1, min(it.size, blockBytes/f.rowBytes))
	}
	return it, nil
}

// blockBytes is how much of a file is read at a time.
const blockBytes = 1 << 20

type arrayIterator struct {
	source arraySource
	arrays *openArrays
	size   int   // examples at a time
	left   int   // of order
	order  []int // nil for the files'
	err    error // what Next said last
}

// Next reads the next examples. After an error it returns the same one again.
func (it *arrayIterator) Next() (*Batch, error) {
	if it.err != nil {
		return nil, it.err
	}
	d, err := it.examples()
	if err != nil {
		it.err = err
		return nil, err
	}
	return d.batch(), nil
}

func (it *arrayIterator) examples() (*Dataset, error) {
	if it.order == nil {
		return it.arrays.dataset(it.source.ArrayFiles, func(r *arrayRows) (tensor.Any, error) { return r.next(it.size) })
	}
	n := min(it.size, it.left)
	if n == 0 {
		return nil, io.EOF
	}
	rows := slices.Clip(it.order[:n])
	it.order, it.left = it.order[n:], it.left-n
	return it.arrays.dataset(it.source.ArrayFiles, func(r *arrayRows) (tensor.Any, error) { return r.pick(rows) })
}

// Close closes the files.
func (it *arrayIterator) Close() error {
	if it.err == nil {
		it.err = io.EOF
	}
	return it.arrays.Close()
}
