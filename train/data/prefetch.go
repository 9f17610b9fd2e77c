package data

import (
	"fmt"
	"io"
	"sync"
)

// Prefetch returns a source whose batches are read ahead by a goroutine, up to n of them, while a step trains. The
// batches, their order and the place of an error among them are src's. An iterator must be closed: that ends its
// goroutine.
func Prefetch(src Source, n int) (Source, error) {
	if n < 1 || n > 1<<10 {
		return nil, fmt.Errorf("data: %d batches to read ahead", n)
	}
	return &prefetch{src, n}, nil
}

type prefetch struct {
	Source
	ahead int
}

func (p *prefetch) Epoch(epoch int) (Iterator, error) {
	src, err := p.Source.Epoch(epoch)
	if err != nil {
		return nil, err
	}
	it := &prefetchIterator{
		src:  src,
		full: make(chan fetched, p.ahead),
		free: make(chan *Dataset, p.ahead+2), // one more is being filled, and one is with the caller
		stop: make(chan struct{}),
	}
	for range cap(it.free) {
		it.free <- nil
	}
	it.running.Go(it.run)
	return it, nil
}

// fetched is a batch in memory of its own, or what the source said instead.
type fetched struct {
	room *Dataset
	n    int // examples
	err  error
}

type prefetchIterator struct {
	src     Iterator
	full    chan fetched
	free    chan *Dataset // rooms to be filled, nil for one that is yet to be made
	stop    chan struct{}
	running sync.WaitGroup
	lent    *Dataset // what the caller has
	err     error    // what Next said last
	once    sync.Once
	closing error
}

// run reads ahead until the source says an error, the end among them, or the iterator is closed.
func (it *prefetchIterator) run() {
	for {
		var f fetched
		select {
		case f.room = <-it.free:
		case <-it.stop:
			return
		}
		var b *Batch
		if b, f.err = it.src.Next(); f.err == nil {
			f.n, f.err = b.N, f.copy(b)
		}
		select {
		case it.full <- f:
		case <-it.stop:
			return
		}
		if f.err != nil {
			return
		}
	}
}

// copy puts a batch into the room, or into a new one where it does not fit.
func (f *fetched) copy(b *Batch) error {
	d, err := New(b.Inputs, b.Target, b.Weight)
	if err != nil {
		return err
	}
	if f.room == nil || f.room.n < d.n || f.room.sameRows(d) != nil {
		f.room = d.roomFor(d.n)
	}
	copyExamples(f.room, 0, d, 0, d.n)
	return nil
}

// Next returns the next batch. After an error it returns the same one again.
func (it *prefetchIterator) Next() (*Batch, error) {
	if it.err != nil {
		return nil, it.err
	}
	if it.lent != nil {
		it.free <- it.lent
		it.lent = nil
	}
	f := <-it.full
	if it.err = f.err; f.err != nil {
		return nil, f.err
	}
	it.lent = f.room
	if f.n < f.room.n {
		return f.room.slice(0, f.n).batch(), nil
	}
	return f.room.batch(), nil
}

// Interrupt makes the source end what it reads, where it can.
func (it *prefetchIterator) Interrupt() { Interrupt(it.src) }

// Close stops the goroutine and ends the epoch of the source.
func (it *prefetchIterator) Close() error {
	it.once.Do(func() {
		close(it.stop)
		it.Interrupt()
		it.running.Wait()
		if it.err == nil {
			it.err = io.EOF
		}
		it.closing = it.src.Close()
	})
	return it.closing
}
