package data

import (
	"errors"
	"fmt"
	"io"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// StreamOptions say how [Stream] cuts examples.
type StreamOptions struct {
	Size int // examples in a batch; 0 is 32
	// Window is how many examples are held in memory to shuffle, tf.data's buffer_size: a batch's are drawn from
	// it at random, and what is drawn is replaced by what is read next. 0 keeps the order. Where the window holds
	// the whole epoch the order is a true shuffle; a file sorted by class needs that, or another order.
	Window   int
	Seed     uint64 // of the shuffling; with the epoch's number it decides the order, nothing else does
	DropLast bool   // leave out a last batch that is smaller
}

// largestStream bounds windows and batches, so that no size of memory overflows.
const largestStream = 1 << 30

func (o StreamOptions) check() (StreamOptions, error) {
	size, err := BatchOptions{Size: o.Size}.size()
	if err != nil {
		return o, err
	}
	o.Size = size
	if o.Window < 0 || o.Window > largestStream || size > largestStream {
		return o, fmt.Errorf("data: a window of %d examples and batches of %d", o.Window, size)
	}
	return o, nil
}

// Stream returns a source of src's examples in batches of another size, shuffled within a window. src reads in the
// order that is best for it, a few thousand examples at a time; what is held in memory is the window, a batch and
// what src holds. All batches of src must have the same names, types and row shapes.
func Stream(src Source, opts StreamOptions) (Source, error) {
	opts, err := opts.check()
	if err != nil {
		return nil, err
	}
	return &stream{src, opts}, nil
}

type stream struct {
	src  Source
	opts StreamOptions
}

func (s *stream) Len() int {
	n := s.src.Len()
	if n >= 0 && s.opts.DropLast {
		n -= n % s.opts.Size
	}
	return n
}

func (s *stream) Epoch(epoch int) (Iterator, error) {
	it, err := s.src.Epoch(epoch)
	if err != nil {
		return nil, err
	}
	return &streamIterator{src: it, opts: s.opts, random: newRandom(s.opts.Seed, windowStream+uint64(epoch))}, nil
}

type streamIterator struct {
	src    Iterator
	opts   StreamOptions
	random *random
	chunk  *Dataset // examples that were read, those before at used up
	at     int
	ended  bool     // no more chunks
	window *Dataset // room for the window, which grows as it fills
	held   int      // examples in the window
	room   *Dataset // where batches are put
	some   bool     // a batch was given
	err    error    // what Next said last
}

// Next fills a batch. After an error it returns the same one again.
func (it *streamIterator) Next() (*Batch, error) {
	if it.err != nil {
		return nil, it.err
	}
	n, err := it.fill()
	switch {
	case err != nil:
	case n == it.opts.Size || n > 0 && !it.opts.DropLast:
		it.some = true
		return it.room.slice(0, n).batch(), nil
	case n > 0 && !it.some:
		err = fmt.Errorf("data: no whole batch of %d in %s", it.opts.Size, plural(n, "example"))
	default:
		err = io.EOF
	}
	it.err = err
	return nil, err
}

// fill puts the next examples into the room and returns how many there were, a batch or what was left.
func (it *streamIterator) fill() (n int, err error) {
	for n < it.opts.Size {
		if err := it.fillWindow(); err != nil {
			return n, err
		}
		if it.held > 0 {
			it.room = it.room.grown(n+1, it.opts.Size)
			k := it.random.below(it.held)
			copyExamples(it.room, n, it.window, k, 1)
			it.held--
			if k != it.held {
				copyExamples(it.window, k, it.window, it.held, 1)
			}
			n++
			continue
		}
		ok, err := it.advance()
		if err != nil || !ok {
			return n, err
		}
		run := min(it.opts.Size-n, it.chunk.n-it.at)
		it.room = it.room.grown(n+run, it.opts.Size)
		copyExamples(it.room, n, it.chunk, it.at, run)
		it.at += run
		n += run
	}
	return n, nil
}

// fillWindow reads until the window is full or nothing is left.
func (it *streamIterator) fillWindow() error {
	for it.held < it.opts.Window {
		ok, err := it.advance()
		if err != nil || !ok {
			return err
		}
		run := min(it.opts.Window-it.held, it.chunk.n-it.at)
		it.window = it.window.grown(it.held+run, it.opts.Window)
		copyExamples(it.window, it.held, it.chunk, it.at, run)
		it.at += run
		it.held += run
	}
	return nil
}

// advance makes sure that there is an example at the chunk's front, and reports false after the last.
func (it *streamIterator) advance() (bool, error) {
	for !it.ended && (it.chunk == nil || it.at == it.chunk.n) {
		b, err := it.src.Next()
		if errors.Is(err, io.EOF) {
			it.ended, it.chunk = true, nil
			break
		}
		if err != nil {
			return false, err
		}
		next, err := New(b.Inputs, b.Target, b.Weight)
		if err != nil {
			return false, err
		}
		if it.room == nil {
			it.room, it.window = next.roomFor(min(next.n, it.opts.Size)), next.roomFor(min(next.n, it.opts.Window))
		} else if err := it.room.sameRows(next); err != nil {
			return false, err
		}
		it.chunk, it.at = next, 0
	}
	return !it.ended, nil
}

// Close ends the epoch of the source below.
func (it *streamIterator) Close() error {
	if it.err == nil {
		it.err = io.EOF
	}
	return it.src.Close()
}

// roomFor returns a dataset of n examples to be filled.
func (d *Dataset) roomFor(n int) *Dataset {
	return d.each(n, func(t tensor.Any) tensor.Any { return allocRows(t, n) })
}

// grown returns a dataset with the same examples and room for n at least, of which there will never be more than
// most. It doubles, so that what is held follows what was read and not what was asked for.
func (d *Dataset) grown(n, most int) *Dataset {
	if n <= d.n {
		return d
	}
	out := d.roomFor(min(most, max(n, 2*d.n)))
	copyExamples(out, 0, d, 0, d.n)
	return out
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

// copyExamples sets n examples of dst, from i on, to those of src from j on.
func copyExamples(dst *Dataset, i int, src *Dataset, j, n int) {
	for name, t := range dst.inputs {
		copyRows(t, i, src.inputs[name], j, n)
	}
	if dst.target != nil {
		copyRows(dst.target, i, src.target, j, n)
	}
	if dst.weight != nil {
		copyRows(dst.weight, i, src.weight, j, n)
	}
}

func copyRows(dst tensor.Any, i int, src tensor.Any, j, n int) {
	w := width(dst)
	if dst.DType() == tensor.String {
		copy(tensor.Data[string](dst)[i*w:(i+n)*w], tensor.Data[string](src)[j*w:(j+n)*w])
		return
	}
	w *= dst.DType().Size()
	copy(tensor.Bytes(dst)[i*w:(i+n)*w], tensor.Bytes(src)[j*w:(j+n)*w])
}
