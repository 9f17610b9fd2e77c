package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/train/optim"
)

// LearningRateScheduler sets the learning rate when an epoch begins, as Keras's. The history gets a column
// learning_rate. For a rate that changes with each step see the schedules of package optim.
type LearningRateScheduler struct {
	// Schedule returns the rate of an epoch, counted from 0, from the rate so far.
	Schedule func(epoch int, rate float64) float64
}

func (c *LearningRateScheduler) logsRate() {}

// EpochBegin implements [EpochCallback].
func (c *LearningRateScheduler) EpochBegin(_ context.Context, t *Trainer, epoch int) error {
	switch {
	case c.Schedule == nil:
		return errors.New("train: LearningRateScheduler has no Schedule")
	case optim.OptionsOf(t.cfg.Optimizer).Schedule != nil:
		return errors.New("train: LearningRateScheduler cannot change the learning rate of an optimizer that has a schedule")
	}
	rate := c.Schedule(epoch, t.LearningRate())
	if math.IsNaN(rate) || math.IsInf(rate, 0) {
		return fmt.Errorf("train: LearningRateScheduler gives %v for epoch %d", rate, epoch)
	}
	t.SetLearningRate(rate)
	return nil
}

// EpochEnd implements [Callback].
func (c *LearningRateScheduler) EpochEnd(context.Context, *Trainer, Epoch) error { return nil }
