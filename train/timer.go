package train

import (
	"context"
	"fmt"
	"time"
)

// Timer interrupts a training when its time is up, after the step that is running then. With a [Checkpoint] the
// training can be resumed from there; each Fit has the whole time.
type Timer struct {
	Duration time.Duration

	start time.Time
	up    bool
}

// FitBegin implements [FitCallback].
func (c *Timer) FitBegin(context.Context, *Trainer, FitOptions) error {
	if c.Duration <= 0 {
		return fmt.Errorf("train: Timer has a duration of %v", c.Duration)
	}
	c.start, c.up = time.Now(), false
	return nil
}

// BatchEnd implements [BatchCallback].
func (c *Timer) BatchEnd(_ context.Context, t *Trainer, _ Progress) error {
	if time.Since(c.start) >= c.Duration {
		c.up = true
		t.Interrupt()
	}
	return nil
}

// EpochEnd implements [Callback]. Validation takes time too.
func (c *Timer) EpochEnd(ctx context.Context, t *Trainer, _ Epoch) error {
	return c.BatchEnd(ctx, t, Progress{})
}

// FitEnd implements [FitCallback].
func (c *Timer) FitEnd(context.Context, *Trainer, *History) error { return nil }

// Up reports whether the time ended the last Fit.
func (c *Timer) Up() bool { return c.up }
