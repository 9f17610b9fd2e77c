package train_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
)

// stuck is a source whose third batch takes for ever, unless it is interrupted.
type stuck struct{ data.Source }

func (s stuck) Epoch(epoch int) (data.Iterator, error) {
	it, err := s.Source.Epoch(epoch)
	return &stuckIterator{Iterator: it, stop: make(chan struct{})}, err
}

type stuckIterator struct {
	data.Iterator
	read int
	stop chan struct{}
	once sync.Once
}

func (it *stuckIterator) Interrupt() { it.once.Do(func() { close(it.stop) }) }

func (it *stuckIterator) Next() (*data.Batch, error) {
	if it.read++; it.read == 3 {
		<-it.stop
		return nil, data.ErrInterrupted
	}
	return it.Iterator.Next()
}

// TestCancelWhileReading cancels Fit and Evaluate while the data makes them wait.
func TestCancelWhileReading(t *testing.T) {
	j := job{threads: 1}
	source := stuck{j.source(t, 0, jobExamples)}
	ahead, err := data.Prefetch(source, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		source data.Source
		steps  int // of an epoch
	}{{"plain", source, 0}, {"ahead", ahead, 0}, {"so many steps", source, 5}, {"so many steps ahead", ahead, 5}} {
		name, source := c.name, c.source
		tr := j.trainer(t)
		ctx, cancel := context.WithCancelCause(context.Background())
		stop := &train.LambdaCallback{OnBatchEnd: func(_ context.Context, tr *train.Trainer, _ train.Progress) error {
			if tr.Steps() == 2 {
				cancel(errCrash)
			}
			return nil
		}}
		if _, err := tr.Fit(ctx, source, train.FitOptions{Epochs: 1, StepsPerEpoch: c.steps, Callbacks: []train.Callback{stop}}); !errors.Is(err, errCrash) || tr.Steps() != 2 {
			t.Errorf("%s: Fit after %d steps: %v", name, tr.Steps(), err)
		}
		ctx, cancel = context.WithCancelCause(context.Background())
		done := make(chan error)
		go func() {
			_, err := tr.Evaluate(ctx, source)
			done <- err
		}()
		cancel(errCrash)
		if err := <-done; !errors.Is(err, errCrash) {
			t.Errorf("%s: Evaluate: %v", name, err)
		}
	}
}
