package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// FitOptions say how long and on what Fit trains.
type FitOptions struct {
	// Epochs is the number of the last epoch: a trainer that was resumed after 3 of 10 does 7 more. 0 is 1.
	Epochs int
	// Validation is evaluated after each epoch; nil is none.
	Validation data.Source
	// Callbacks are told of what happens, in order. See [Callback].
	Callbacks []Callback
}

// Epoch is an epoch that has ended.
type Epoch struct {
	Number  int // from 0
	Steps   int64
	History *History // this epoch's figures are its last row
}

// Callback is told when an epoch has ended, and may change the trainer: its learning rate, or Stop.
// It may also have the methods of [BatchCallback] and [FitCallback].
type Callback interface {
	EpochEnd(ctx context.Context, t *Trainer, e Epoch) error
}

// Progress is where an epoch stands.
type Progress struct {
	Epoch    int
	Done     int     // examples so far
	Total    int     // examples of the epoch, -1 where not known
	Loss     float64 // mean so far
	LastLoss float64 // of the last step
}

// BatchCallback is a callback that is also told after each step.
type BatchCallback interface {
	BatchEnd(ctx context.Context, t *Trainer, p Progress) error
}

// FitCallback is a callback that is also told when Fit begins and, whatever happens, when it ends.
type FitCallback interface {
	FitBegin(ctx context.Context, t *Trainer, o FitOptions) error
	FitEnd(ctx context.Context, t *Trainer, h *History) error
}

// Fit trains for whole epochs over the examples. When ctx is cancelled it returns what was reached
// with the cause: the parameters are those after the last whole step.
func (t *Trainer) Fit(ctx context.Context, train data.Source, o FitOptions) (h *History, err error) {
	o.Epochs = max(1, o.Epochs)
	h = t.startHistory(o.Validation != nil)
	t.stop = false
	for _, c := range o.Callbacks {
		if f, ok := c.(FitCallback); ok {
			if err := f.FitBegin(ctx, t, o); err != nil {
				return h, err
			}
			defer func() { err = errors.Join(err, f.FitEnd(context.WithoutCancel(ctx), t, h)) }()
		}
	}
	for t.epoch < o.Epochs && !t.stop {
		row, err := t.trainEpoch(ctx, train, o)
		if err != nil {
			return h, err
		}
		if o.Validation != nil {
			val, err := t.Evaluate(ctx, o.Validation)
			if err != nil {
				return h, fmt.Errorf("validation: %w", err)
			}
			row = append(row, val...)
		}
		h.Epochs = append(h.Epochs, row)
		t.epoch++
		for _, c := range o.Callbacks {
			if err := c.EpochEnd(ctx, t, Epoch{t.epoch - 1, t.steps, h}); err != nil {
				return h, err
			}
		}
	}
	return h, t.finish()
}

// startHistory returns the history to append to: the checkpoint's where the trainer was resumed.
func (t *Trainer) startHistory(validation bool) *History {
	names := t.figures(validation)
	if t.epoch == 0 || !slices.Equal(t.history.Names, names) {
		t.history = History{Names: names}
	}
	return &t.history
}

// figures returns the names of an epoch's figures.
func (t *Trainer) figures(validation bool) []string {
	names := []string{"loss"}
	for _, m := range t.metrics() {
		names = append(names, m.Name())
	}
	if validation {
		for _, n := range names[:len(names):len(names)] {
			names = append(names, "val_"+n)
		}
	}
	return names
}

func (t *Trainer) trainEpoch(ctx context.Context, src data.Source, o FitOptions) ([]float64, error) {
	p := Progress{Epoch: t.epoch, Total: src.Len()}
	return t.eachBatch(ctx, src, t.epoch, func(b *data.Batch, mean *average) error {
		loss, pred, err := t.Step(ctx, b)
		if err != nil {
			return err
		}
		mean.add(loss, b.N)
		if err := t.updateMetrics(b, pred); err != nil {
			return err
		}
		p.Done += b.N
		p.Loss, p.LastLoss = mean.value(), loss
		for _, c := range o.Callbacks {
			if c, ok := c.(BatchCallback); ok {
				if err := c.BatchEnd(ctx, t, p); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Evaluate returns the loss and the metrics over the examples, with the parameters as they are.
func (t *Trainer) Evaluate(ctx context.Context, src data.Source) ([]float64, error) {
	return t.eachBatch(ctx, src, 0, func(b *data.Batch, mean *average) error {
		if b.Target == nil {
			return errors.New("train: the batch has no target")
		}
		form, err := t.cfg.formOf(b)
		if err != nil {
			return err
		}
		p, err := t.evalPass(form)
		if err != nil {
			return err
		}
		in, err := t.arrange(b, p.run, p.in)
		if err != nil {
			return err
		}
		out, err := p.run.run(ctx, in, op.Rand{})
		if err != nil {
			return err
		}
		loss, _ := op.NumberOf(out[0])
		mean.add(loss, b.N)
		return t.updateMetrics(b, out[1])
	})
}

// eachBatch walks through an epoch and returns the mean loss and the metrics.
func (t *Trainer) eachBatch(ctx context.Context, src data.Source, epoch int, f func(*data.Batch, *average) error) ([]float64, error) {
	for _, m := range t.metrics() {
		m.Reset()
	}
	it, err := src.Epoch(epoch)
	if err != nil {
		return nil, err
	}
	defer it.Close()
	var mean average
	for {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		b, err := it.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := f(b, &mean); err != nil {
			return nil, err
		}
	}
	if mean.n == 0 {
		return nil, errors.New("train: the data has no examples")
	}
	row := []float64{mean.value()}
	for _, m := range t.metrics() {
		row = append(row, m.Result())
	}
	return row, nil
}

// updateMetrics takes a batch into the metrics; as in Keras, weights are for WeightedMetrics alone.
func (t *Trainer) updateMetrics(b *data.Batch, pred tensor.Any) error {
	for _, m := range t.cfg.Metrics {
		if err := m.Update(b.Target, pred, nil); err != nil {
			return fmt.Errorf("metric %s: %w", m.Name(), err)
		}
	}
	for _, m := range t.cfg.WeightedMetrics {
		if err := m.Update(b.Target, pred, b.Weight); err != nil {
			return fmt.Errorf("metric %s: %w", m.Name(), err)
		}
	}
	return nil
}

// metrics returns all metrics, the weighted ones last.
func (t *Trainer) metrics() []Metric {
	return append(slices.Clone(t.cfg.Metrics), t.cfg.WeightedMetrics...)
}

// average is a mean over examples.
type average struct {
	sum float64
	n   int
}

func (a *average) add(v float64, n int) {
	a.sum += v * float64(n)
	a.n += n
}

func (a *average) value() float64 {
	if a.n == 0 {
		return math.NaN()
	}
	return a.sum / float64(a.n)
}
