package train

import (
	"io"

	"github.com/onnxtool/onnxtool/train/data"
)

// limit cuts the data down to the steps that are asked for. A trial leaves out callbacks that write.
func (f *fit) limit() {
	if n := f.o.OverfitBatches; n > 0 {
		f.train = &firstBatches{f.train, n, true}
	}
	if n := f.o.ValidationSteps; n > 0 {
		f.o.Validation = &firstBatches{f.o.Validation, n, false}
	}
	if !f.o.FastDevRun {
		if n := f.o.StepsPerEpoch; n > 0 {
			f.train = &stepped{Source: f.train, n: n}
		}
		return
	}
	f.o.Epochs = f.t.epoch + 1
	f.train = &firstBatches{f.train, 1, false}
	if f.o.Validation != nil {
		f.o.Validation = &firstBatches{f.o.Validation, 1, false}
	}
	var keep []Callback
	for _, c := range f.o.Callbacks {
		switch c.(type) {
		case *Checkpoint, *ModelCheckpoint, *CSVLogger, *TensorBoard:
		default:
			keep = append(keep, c)
		}
	}
	f.o.Callbacks = keep
}

// firstBatches is a source of which the first n batches count.
type firstBatches struct {
	data.Source
	n    int
	same bool // those of the first epoch, whatever the epoch
}

// Len returns -1: how many examples n batches have only reading tells.
func (s *firstBatches) Len() int { return -1 }

func (s *firstBatches) Epoch(epoch int) (data.Iterator, error) {
	if s.same {
		epoch = 0
	}
	it, err := s.Source.Epoch(epoch)
	if err != nil {
		return nil, err
	}
	return &firstIterator{it, s.n}, nil
}

type firstIterator struct {
	data.Iterator
	left int
}

// Interrupt interrupts the source's iterator where it can be.
func (it *firstIterator) Interrupt() { data.Interrupt(it.Iterator) }

func (it *firstIterator) Next() (*data.Batch, error) {
	if it.left == 0 {
		return nil, io.EOF
	}
	it.left--
	return it.Iterator.Next()
}
