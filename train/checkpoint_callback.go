package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/onnxtool/onnxtool/train/metric"
)

// Checkpoint is a callback that saves what Fit needs to go on, as Keras's BackupAndRestore: when a training
// begins, after each epoch, or as often as SaveFreq and Every say also within one, and when Fit ends or is
// interrupted. A process that is killed at any moment and started again with [Trainer.LoadCheckpoint] ends
// with the same parameters, to the last bit, and the same history as one that was left in peace.
type Checkpoint struct {
	Path string
	// SaveFreq saves after that many steps. 0 saves after each epoch, but see Every.
	SaveFreq int
	// Every is the least time between two checkpoints. A longer epoch is saved within, a shorter one not each
	// time. Where saving takes long it is done more seldom, so that it takes at most a twentieth of the time.
	Every time.Duration

	next  time.Time // when the next checkpoint is due
	saved bool      // in this Fit
	epoch int       // that the last checkpoint was made after
	steps int64     // of the last checkpoint
}

// FitBegin implements [FitCallback].
func (c *Checkpoint) FitBegin(_ context.Context, t *Trainer, _ FitOptions) error {
	if c.Path == "" {
		return errors.New("train: Checkpoint has no Path")
	}
	if c.SaveFreq > 0 && c.Every > 0 {
		return fmt.Errorf("train: a checkpoint every %d steps or every %v: only one can be given", c.SaveFreq, c.Every)
	}
	if c.SaveFreq > 0 || c.Every > 0 {
		for _, m := range t.metrics() {
			if _, ok := metric.State(m); !ok {
				return fmt.Errorf("train: metric %s has no methods State and SetState: checkpoints can only be made after whole epochs", m.Name())
			}
		}
	}
	c.saved, c.epoch, c.steps = false, t.epoch, t.steps
	if t.resumed {
		c.next = time.Now().Add(c.Every)
		return nil
	}
	return c.save(t) // in the place of an earlier training's
}

// BatchEnd implements [BatchCallback].
func (c *Checkpoint) BatchEnd(_ context.Context, t *Trainer, _ Progress) error {
	if c.SaveFreq > 0 && t.steps%int64(c.SaveFreq) == 0 || c.Every > 0 && !time.Now().Before(c.next) {
		return c.save(t)
	}
	return nil
}

// EpochEnd implements [Callback].
func (c *Checkpoint) EpochEnd(_ context.Context, t *Trainer, _ Epoch) error {
	if c.SaveFreq > 0 || c.Every > 0 && time.Now().Before(c.next) {
		return nil
	}
	return c.save(t)
}

// FitEnd implements [FitCallback].
func (c *Checkpoint) FitEnd(context.Context, *Trainer, *History) error { return nil }

// last saves where Fit ends, before the parameters get their final values.
func (c *Checkpoint) last(t *Trainer) error {
	current := c.saved && c.epoch == t.epoch && c.steps == t.steps
	if current || t.within != nil && t.within.err != nil { // only a whole epoch can be saved
		return nil
	}
	return c.save(t)
}

func (c *Checkpoint) save(t *Trainer) error {
	start := time.Now()
	if err := t.SaveCheckpoint(c.Path); err != nil {
		return fmt.Errorf("saving checkpoint %s: %w", c.Path, err)
	}
	now := time.Now()
	c.next = now.Add(max(c.Every, 19*now.Sub(start)))
	c.saved, c.epoch, c.steps = true, t.epoch, t.steps
	return nil
}

// Epoch returns the number of whole epochs before the last checkpoint.
func (c *Checkpoint) Epoch() int { return c.epoch }

// Steps returns the number of steps before the last checkpoint.
func (c *Checkpoint) Steps() int64 { return c.steps }

// Exists reports whether there is a checkpoint to go on from.
func (c *Checkpoint) Exists() bool {
	info, err := os.Stat(c.Path)
	return err == nil && info.Mode().IsRegular()
}
