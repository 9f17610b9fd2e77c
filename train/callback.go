package train

import (
	"context"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// Callback is told when an epoch has ended, and may change the trainer: its learning rate, or Stop.
// It may also have the methods of [FitCallback], [EpochCallback], [BatchBeginCallback], [BatchCallback] and
// [StateCallback].
type Callback interface {
	EpochEnd(ctx context.Context, t *Trainer, e Epoch) error
}

// Epoch is an epoch that has ended.
type Epoch struct {
	Number  int // from 0
	Steps   int64
	History *History // this epoch's figures are its last row
}

// FitCallback is a callback that is also told when Fit begins and, whatever happens, when it ends.
type FitCallback interface {
	FitBegin(ctx context.Context, t *Trainer, o FitOptions) error
	FitEnd(ctx context.Context, t *Trainer, h *History) error
}

// EpochCallback is a callback that is also told when an epoch begins, once also where it is interrupted and
// resumed.
type EpochCallback interface {
	EpochBegin(ctx context.Context, t *Trainer, epoch int) error
}

// BatchBeginCallback is a callback that is also told before each step, with what the step will see.
type BatchBeginCallback interface {
	BatchBegin(ctx context.Context, t *Trainer, b *data.Batch) error
}

// BatchCallback is a callback that is also told after each step.
type BatchCallback interface {
	BatchEnd(ctx context.Context, t *Trainer, p Progress) error
}

// Progress is where an epoch stands.
type Progress struct {
	Epoch    int
	Batch    int     // of the epoch, from 0
	Done     int     // examples so far
	Total    int     // examples of the epoch, -1 where not known
	Loss     float64 // mean so far
	LastLoss float64 // of the last step
}

// StateCallback is a callback that remembers something between epochs. Checkpoints hold it, so that a resumed
// training goes on as if it had not been interrupted.
type StateCallback interface {
	// State returns what to remember: tensors by names of the callback's choice. They are not changed later.
	State() map[string]tensor.Any
	// SetState takes a state back, after FitBegin. It may Stop the trainer.
	SetState(t *Trainer, s map[string]tensor.Any) error
}

// rateCallback is a callback of this package with which the history has a column learning_rate, as Keras's.
type rateCallback interface{ logsRate() }

// LambdaCallback calls functions, those that are not nil, at the moments of a training.
type LambdaCallback struct {
	OnTrainBegin func(ctx context.Context, t *Trainer, o FitOptions) error
	OnEpochBegin func(ctx context.Context, t *Trainer, epoch int) error
	OnBatchBegin func(ctx context.Context, t *Trainer, b *data.Batch) error
	OnBatchEnd   func(ctx context.Context, t *Trainer, p Progress) error
	OnEpochEnd   func(ctx context.Context, t *Trainer, e Epoch) error
	OnTrainEnd   func(ctx context.Context, t *Trainer, h *History) error
}

// FitBegin implements [FitCallback].
func (c *LambdaCallback) FitBegin(ctx context.Context, t *Trainer, o FitOptions) error {
	if c.OnTrainBegin == nil {
		return nil
	}
	return c.OnTrainBegin(ctx, t, o)
}

// EpochBegin implements [EpochCallback].
func (c *LambdaCallback) EpochBegin(ctx context.Context, t *Trainer, epoch int) error {
	if c.OnEpochBegin == nil {
		return nil
	}
	return c.OnEpochBegin(ctx, t, epoch)
}

// BatchBegin implements [BatchBeginCallback].
func (c *LambdaCallback) BatchBegin(ctx context.Context, t *Trainer, b *data.Batch) error {
	if c.OnBatchBegin == nil {
		return nil
	}
	return c.OnBatchBegin(ctx, t, b)
}

// BatchEnd implements [BatchCallback].
func (c *LambdaCallback) BatchEnd(ctx context.Context, t *Trainer, p Progress) error {
	if c.OnBatchEnd == nil {
		return nil
	}
	return c.OnBatchEnd(ctx, t, p)
}

// EpochEnd implements [Callback].
func (c *LambdaCallback) EpochEnd(ctx context.Context, t *Trainer, e Epoch) error {
	if c.OnEpochEnd == nil {
		return nil
	}
	return c.OnEpochEnd(ctx, t, e)
}

// FitEnd implements [FitCallback].
func (c *LambdaCallback) FitEnd(ctx context.Context, t *Trainer, h *History) error {
	if c.OnTrainEnd == nil {
		return nil
	}
	return c.OnTrainEnd(ctx, t, h)
}
