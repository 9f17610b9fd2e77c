package data

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// A Batch is what one step of training sees. It and its tensors are valid until the next one is asked for.
type Batch struct {
	Inputs map[string]tensor.Any
	Target tensor.Any // nil where there is none
	Weight tensor.Any // nil where there are none
	N      int        // examples
}

// A Source gives batches, epoch by epoch.
type Source interface {
	// Len returns the number of examples in an epoch, -1 where only reading tells.
	Len() int
	// Epoch starts the epoch of that number, counted from 0. Epochs may run at the same time.
	Epoch(epoch int) (Iterator, error)
}

// An Iterator walks through one epoch.
type Iterator interface {
	// Next returns the next batch and io.EOF after the last.
	Next() (*Batch, error)
	// Close ends the epoch before its end, or after.
	Close() error
}

// An Interrupter is an iterator whose Next may take long, such as one that decodes images. Interrupt may be called
// while Next runs, and more than once; Next then returns [ErrInterrupted] soon, as do all later calls.
type Interrupter interface {
	Iterator
	Interrupt()
}

// Interrupt interrupts an iterator that can be, and does nothing to another.
func Interrupt(it Iterator) {
	if it, ok := it.(Interrupter); ok {
		it.Interrupt()
	}
}

// InterruptAfter interrupts an iterator that can be as soon as ctx is done, unless stop was called before.
func InterruptAfter(ctx context.Context, it Iterator) (stop func() bool) {
	return context.AfterFunc(ctx, func() { Interrupt(it) })
}

// BatchOptions say how a dataset is cut.
type BatchOptions struct {
	Size     int    // examples in a batch; 0 is 32, as in Keras
	Shuffle  bool   // each epoch in another order
	Seed     uint64 // of the order; an epoch's is Permutation(n, Seed, epoch)
	DropLast bool   // leave out a last batch that is smaller
}

func (o BatchOptions) size() (int, error) {
	if o.Size < 0 {
		return 0, fmt.Errorf("data: a batch of %d examples", o.Size)
	}
	if o.Size == 0 {
		return 32, nil
	}
	return o.Size, nil
}

// Batches returns the dataset as a source. Without shuffling a batch is a view of the dataset's memory.
func (d *Dataset) Batches(opts BatchOptions) (Source, error) {
	size, err := opts.size()
	if err != nil {
		return nil, err
	}
	if d.n == 0 {
		return nil, errors.New("data: the dataset has no examples")
	}
	opts.Size = min(size, d.n)
	if opts.DropLast && size > d.n {
		return nil, fmt.Errorf("data: no whole batch of %d in %s", size, plural(d.n, "example"))
	}
	return &memory{d, opts}, nil
}

// memory is a dataset as a source.
type memory struct {
	*Dataset
	opts BatchOptions
}

func (m *memory) Len() int {
	if m.opts.DropLast {
		return m.n - m.n%m.opts.Size
	}
	return m.n
}

func (m *memory) Epoch(epoch int) (Iterator, error) {
	if epoch < 0 {
		return nil, fmt.Errorf("data: no epoch %d", epoch)
	}
	it := &memoryIterator{m: m, end: m.Len()}
	if m.opts.Shuffle {
		it.order = Permutation(m.n, m.opts.Seed, uint64(epoch))
		it.room = m.each(m.opts.Size, func(t tensor.Any) tensor.Any { return allocRows(t, m.opts.Size) })
		it.whole = it.room.batch()
	}
	return it, nil
}

type memoryIterator struct {
	m     *memory
	order []int    // nil for the dataset's own
	room  *Dataset // where shuffled batches are put
	whole *Batch   // all of room
	at    int
	end   int
}

func (it *memoryIterator) Next() (*Batch, error) {
	lo, hi := it.at, min(it.at+it.m.opts.Size, it.end)
	if lo >= hi {
		return nil, io.EOF
	}
	it.at = hi
	if it.order == nil {
		return it.m.slice(lo, hi).batch(), nil
	}
	rows := it.order[lo:hi]
	d := it.room
	for name, t := range it.m.inputs {
		gather(d.inputs[name], t, rows)
	}
	if d.target != nil {
		gather(d.target, it.m.target, rows)
	}
	if d.weight != nil {
		gather(d.weight, it.m.weight, rows)
	}
	if len(rows) < d.n {
		return d.slice(0, len(rows)).batch(), nil
	}
	return it.whole, nil
}

func (it *memoryIterator) Close() error {
	it.at = it.end
	return nil
}

// batch returns the whole dataset as one batch.
func (d *Dataset) batch() *Batch {
	return &Batch{Inputs: d.inputs, Target: d.target, Weight: d.weight, N: d.n}
}
