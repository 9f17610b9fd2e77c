package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/metric"
)

// FitOptions say how long and on what Fit trains.
type FitOptions struct {
	// Epochs is the number of the last epoch: a trainer that was resumed after 3 of 10 does 7 more. 0 is 1.
	Epochs int
	// Validation is evaluated after each epoch; nil is none.
	Validation data.Source
	// Callbacks are told of what happens, in order; [ModelCheckpoint] and [Checkpoint] after the others, so that
	// what they save is what the others have made of it. See [Callback].
	Callbacks []Callback

	// StepsPerEpoch ends an epoch after that many batches, or with the data; the next epoch goes on with the batches
	// behind them, or begins again at the data's start, as in Keras. 0 is all of the data in each epoch.
	StepsPerEpoch int
	// ValidationSteps evaluates on the first batches of Validation alone; 0 is all.
	ValidationSteps int
	// FastDevRun does one step of training and one of validation, to see that everything works. Callbacks that
	// write files are left out.
	FastDevRun bool
	// OverfitBatches trains on that many batches of the first epoch again and again. A network and a loss that
	// are right bring the loss of one batch to nearly 0. 0 trains on all.
	OverfitBatches int
}

// fit is one call of Fit.
type fit struct {
	t          *Trainer
	o          FitOptions
	train      data.Source
	callbacks  []Callback // in the order in which they are told
	batchBegin []BatchBeginCallback
	batchEnd   []BatchCallback
	begun      int // callbacks whose FitBegin was called
	history    *History
	logsRate   bool
}

// errInterrupted ends the epoch in which [Trainer.Interrupt] was called.
var errInterrupted = errors.New("train: interrupted")

// Fit trains for whole epochs over the examples. Where an earlier Fit was interrupted, or LoadCheckpoint was
// called, it goes on there. With data of another length, or a metric whose state cannot be kept, the epoch begins
// again; after LoadCheckpoint other data is an error. When ctx is cancelled it returns what was reached with the
// cause: the parameters are those after the last whole step.
func (t *Trainer) Fit(ctx context.Context, train data.Source, o FitOptions) (*History, error) {
	if err := t.made(); err != nil {
		return nil, err
	}
	if err := o.check(train); err != nil {
		return nil, err
	}
	if !t.busy.CompareAndSwap(false, true) {
		return nil, errFitting
	}
	defer t.busy.Store(false)
	f := &fit{t: t, o: o, train: train}
	f.o.Epochs = max(1, o.Epochs)
	if err := f.prepare(); err != nil {
		return f.history, err
	}
	err := f.begin(ctx)
	if err == nil {
		err = f.epochs(ctx)
	}
	if c, ok := f.train.(*stepped); ok {
		err = errors.Join(err, c.Close())
	}
	return f.history, f.end(ctx, err)
}

// prepare arranges data, callbacks and history.
func (f *fit) prepare() error {
	t := f.t
	t.stop = running
	f.limit()
	for _, c := range f.o.Callbacks {
		_, rate := c.(rateCallback)
		f.logsRate = f.logsRate || rate
		if c, ok := c.(BatchBeginCallback); ok {
			f.batchBegin = append(f.batchBegin, c)
		}
	}
	f.callbacks = slices.Clone(f.o.Callbacks)
	slices.SortStableFunc(f.callbacks, func(a, b Callback) int { return rank(a) - rank(b) })
	for _, c := range f.callbacks {
		if c, ok := c.(BatchCallback); ok {
			f.batchEnd = append(f.batchEnd, c)
		}
	}
	names := t.figureNames(f.o.Validation != nil)
	if f.logsRate {
		names = append(names, "learning_rate")
	}
	same := slices.Equal(t.history.Names, names)
	if t.resumed && !same && len(t.history.Epochs) > 0 {
		return fmt.Errorf("train: the checkpoint's history has %v, this training's %v: resume with the same metrics, validation and callbacks", t.history.Names, names)
	}
	if !same || t.epoch == 0 {
		t.history = History{Names: names}
	}
	f.history = &t.history
	return nil
}

// rank orders callbacks: those that save are told last, the one that can be resumed from after all others.
func rank(c Callback) int {
	switch c.(type) {
	case *ModelCheckpoint:
		return 1
	case *Checkpoint:
		return 2
	}
	return 0
}

// begin tells the callbacks, and gives those their state back that have one in a checkpoint.
func (f *fit) begin(ctx context.Context) error {
	t := f.t
	keys := stateKeys(f.callbacks)
	t.callbacks = f.callbacks
	for i, c := range f.callbacks {
		f.begun = i + 1
		if c, ok := c.(FitCallback); ok {
			if err := c.FitBegin(ctx, t, f.o); err != nil {
				return err
			}
		}
		if c, ok := c.(StateCallback); ok && t.pending[keys[i]] != nil {
			if err := c.SetState(t, t.pending[keys[i]]); err != nil {
				return fmt.Errorf("train: the checkpoint's state of %s: %w", keys[i], err)
			}
		}
		delete(t.pending, keys[i])
	}
	t.pending, t.resumed = nil, false
	return nil
}

func (f *fit) epochs(ctx context.Context) error {
	t := f.t
	for t.epoch < f.o.Epochs && t.stop == running {
		row, err := f.epoch(ctx)
		if errors.Is(err, errInterrupted) {
			return nil
		}
		if err != nil {
			return err
		}
		t.history.Epochs = append(t.history.Epochs, row)
		t.epoch++
		t.within = nil
		for _, c := range f.callbacks {
			if err := c.EpochEnd(ctx, t, Epoch{t.epoch - 1, t.steps, f.history}); err != nil {
				return err
			}
		}
	}
	return nil
}

// end saves what a resumed training goes on from, then brings the parameters to where the training leaves
// them: moving averages take their place, callbacks restore the best.
func (f *fit) end(ctx context.Context, err error) error {
	cancelled := ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
	ctx = context.WithoutCancel(ctx)
	if err == nil || cancelled {
		for _, c := range f.callbacks[:f.begun] {
			if c, ok := c.(*Checkpoint); ok {
				err = errors.Join(err, c.last(f.t))
			}
		}
	}
	f.t.callbacks = nil
	if err == nil {
		err = f.t.finish()
	}
	for _, c := range f.callbacks[:f.begun] {
		if c, ok := c.(FitCallback); ok {
			err = errors.Join(err, c.FitEnd(ctx, f.t, f.history))
		}
	}
	return err
}

// epoch trains for one epoch, or for what is left of it, and returns its figures.
func (f *fit) epoch(ctx context.Context) ([]float64, error) {
	t := f.t
	at, err := f.enter(ctx)
	if err != nil {
		return nil, err
	}
	if err := f.batches(ctx, at); err != nil {
		return nil, err
	}
	if at.mean.n == 0 {
		return nil, errors.New("train: the data has no examples")
	}
	row := t.row(at.mean)
	if f.o.Validation != nil {
		val, err := t.Evaluate(ctx, f.o.Validation)
		if err != nil {
			if ctx.Err() == nil {
				err = fmt.Errorf("validation: %w", err)
			}
			return nil, err
		}
		row = append(row, val...)
	}
	if f.logsRate {
		row = append(row, t.rate)
	}
	return row, nil
}

// enter begins an epoch, or returns to where it was left.
func (f *fit) enter(ctx context.Context) (*position, error) {
	t := f.t
	t.resetMetrics()
	if w := t.within; w != nil && !w.loaded && (w.err != nil || w.examples != f.train.Len()) {
		t.within = nil
	}
	if t.within == nil {
		t.within = &position{examples: f.train.Len()}
		for _, c := range f.callbacks {
			if c, ok := c.(EpochCallback); ok {
				if err := c.EpochBegin(ctx, t, t.epoch); err != nil {
					return nil, err
				}
			}
		}
		return t.within, nil
	}
	at := t.within
	if n := f.train.Len(); n != at.examples {
		return nil, fmt.Errorf("train: epoch %d was left after batch %d of data with %d examples, now there are %d", t.epoch, at.batches, at.examples, n)
	}
	metrics := t.metrics()
	if len(at.metrics) != len(metrics) {
		return nil, fmt.Errorf("train: epoch %d was left with %d metrics, now there are %d", t.epoch, len(at.metrics), len(metrics))
	}
	for i, m := range metrics {
		if err := metric.SetState(m, at.metrics[i]); err != nil {
			return nil, err
		}
	}
	return at, nil
}

// batches does the steps of an epoch that are left.
func (f *fit) batches(ctx context.Context, at *position) error {
	t := f.t
	at.live = true
	defer at.leave(t)
	it, err := f.train.Epoch(t.epoch)
	if err != nil {
		return err
	}
	defer it.Close()
	defer data.InterruptAfter(ctx, it)()
	if err := at.skip(ctx, it); err != nil {
		return fmt.Errorf("train: epoch %d: %w", t.epoch, err)
	}
	for {
		b, err := next(ctx, it)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f.batch(ctx, at, b); err != nil {
			return err
		}
	}
}

// batch does one step.
func (f *fit) batch(ctx context.Context, at *position, b *data.Batch) error {
	t := f.t
	for _, c := range f.batchBegin {
		if err := c.BatchBegin(ctx, t, b); err != nil {
			return err
		}
	}
	out, err := t.stepOutputs(ctx, b)
	if err != nil {
		return err
	}
	loss, _ := op.NumberOf(out[0])
	at.mean.add(loss, b.N)
	if err := t.follow(b, out); err != nil {
		return err
	}
	at.batches++
	p := Progress{Epoch: t.epoch, Batch: at.batches - 1, Done: at.mean.n, Total: at.examples, Loss: at.mean.value(), LastLoss: loss}
	for _, c := range f.batchEnd {
		if err := c.BatchEnd(ctx, t, p); err != nil {
			return err
		}
	}
	if t.stop == atOnce {
		return errInterrupted
	}
	return nil
}

// Evaluate returns the loss and the metrics over the examples, with the parameters as they are. What a network draws
// at random outside training too, such as a variational autoencoder's code, is decided by Config.Seed and the batch's
// place: the same in each call, and other than in training.
func (t *Trainer) Evaluate(ctx context.Context, src data.Source) ([]float64, error) {
	if err := t.made(); err != nil {
		return nil, err
	}
	if src == nil {
		return nil, errors.New("train: no data to evaluate on is given")
	}
	t.resetMetrics()
	it, err := src.Epoch(0)
	if err != nil {
		return nil, err
	}
	defer it.Close()
	defer data.InterruptAfter(ctx, it)()
	var mean average
	for k := uint64(0); ; k++ {
		b, err := next(ctx, it)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := t.evaluate(ctx, b, op.Rand{Seed: t.cfg.Seed, Step: evaluationSteps + k}, &mean); err != nil {
			return nil, err
		}
	}
	if mean.n == 0 {
		return nil, errors.New("train: the data has no examples")
	}
	return t.row(mean), nil
}

// evaluationSteps keeps what is drawn in evaluation apart from what is drawn in training, whose steps are counted
// from 0.
const evaluationSteps = 1 << 63

// evaluate takes one batch into loss and metrics.
func (t *Trainer) evaluate(ctx context.Context, b *data.Batch, rand op.Rand, mean *average) error {
	p, err := t.evalPass(b)
	if err != nil {
		return err
	}
	in, err := t.arrange(b, p.run, p.in)
	if err != nil {
		return err
	}
	out, err := p.run.run(ctx, in, rand)
	if err != nil {
		return err
	}
	loss, _ := op.NumberOf(out[0])
	mean.add(loss, b.N)
	return t.follow(b, out)
}

// next returns the next batch, io.EOF after the last, and the cause where ctx is cancelled.
func next(ctx context.Context, it data.Iterator) (*data.Batch, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	b, err := it.Next()
	if errors.Is(err, data.ErrInterrupted) && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return b, err
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
