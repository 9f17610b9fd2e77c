package train

import (
	"errors"
	"io"
	"sync"

	"github.com/onnxtool/onnxtool/train/data"
)

// stepped is a source whose epochs have at most n batches. As in Keras, an epoch goes on where the one before it
// ended; it ends with the data, and the next one begins at the data's start, in its next order.
type stepped struct {
	data.Source
	n int

	next  int           // the epoch that goes on where reading stands
	pass  int           // through the data
	mu    sync.Mutex    // held to change it, and by Interrupt
	it    data.Iterator // of the pass, nil before its first batch
	at    int           // batches of the pass that were read
	ahead *data.Batch   // was read to see whether the pass has ended
}

// Len returns -1: how many examples n batches have only reading tells.
func (s *stepped) Len() int { return -1 }

// Epoch goes on, or finds the place of an epoch that does not follow the one before it.
func (s *stepped) Epoch(epoch int) (data.Iterator, error) {
	if epoch != s.next {
		if err := s.find(epoch); err != nil {
			return nil, err
		}
	}
	s.next = epoch + 1
	if s.at > 0 {
		b, err := s.read()
		if err != nil && err != io.EOF {
			return nil, err
		}
		s.ahead = b
	}
	return &stepIterator{s, s.n}, nil
}

// find walks to the first batch of an epoch. Each pass has as many batches as the first.
func (s *stepped) find(epoch int) error {
	if err := s.turn(0); err != nil {
		return err
	}
	whole, err := s.skip(-1)
	if err != nil {
		return err
	}
	epochs := (whole + s.n - 1) / s.n // of a pass
	if epochs == 0 {
		return errors.New("train: the data has no examples")
	}
	if err := s.turn(epoch / epochs); err != nil {
		return err
	}
	_, err = s.skip(epoch % epochs * s.n)
	return err
}

// skip reads n batches, or all of the pass where n is negative, and returns how many there were.
func (s *stepped) skip(n int) (read int, err error) {
	for ; read != n; read++ {
		if _, err := s.read(); err == io.EOF {
			break
		} else if err != nil {
			return read, err
		}
	}
	return read, nil
}

// turn ends the pass and stands before the first batch of another.
func (s *stepped) turn(pass int) (err error) {
	if s.it != nil {
		err = s.it.Close()
	}
	s.set(nil)
	s.ahead, s.pass, s.at = nil, pass, 0
	return err
}

func (s *stepped) set(it data.Iterator) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.it = it
}

// Close ends the pass.
func (s *stepped) Close() error { return s.turn(s.pass) }

// read returns the next batch of the pass; after the last, io.EOF, and the next pass begins.
func (s *stepped) read() (*data.Batch, error) {
	if b := s.ahead; b != nil {
		s.ahead = nil
		return b, nil
	}
	if s.it == nil {
		it, err := s.Source.Epoch(s.pass)
		if err != nil {
			return nil, err
		}
		s.set(it)
	}
	b, err := s.it.Next()
	switch err {
	case nil:
		s.at++
	case io.EOF:
		if err := s.turn(s.pass + 1); err != nil {
			return nil, err
		}
	}
	return b, err
}

// stepIterator is what is left of an epoch.
type stepIterator struct {
	s    *stepped
	left int
}

func (it *stepIterator) Next() (*data.Batch, error) {
	if it.left == 0 {
		return nil, io.EOF
	}
	b, err := it.s.read()
	if it.left--; err == io.EOF {
		it.left = 0
	}
	return b, err
}

// Interrupt interrupts the pass where it can be.
func (it *stepIterator) Interrupt() {
	it.s.mu.Lock()
	defer it.s.mu.Unlock()
	if it.s.it != nil {
		data.Interrupt(it.s.it)
	}
}

// Close leaves the pass as it is: the next epoch goes on there.
func (it *stepIterator) Close() error { return nil }
