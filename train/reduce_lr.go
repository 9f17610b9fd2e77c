package train

import (
	"context"
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/optim"
)

// ReduceLROnPlateau lowers the learning rate when a figure has stopped improving. Names, defaults and rules are
// Keras's. The history gets a column learning_rate.
type ReduceLROnPlateau struct {
	Monitor  string  // a figure of the history; empty is val_loss
	Factor   float64 // what the learning rate is multiplied by; 0.1 where zero
	Patience int     // epochs without improvement after which it is lowered; 10 where zero
	Mode     string  // auto (or empty), min, max: which way the figure should go
	MinDelta float64 // what an improvement must exceed; 1e-4 where zero, and [optim.Zero] is 0
	Cooldown int     // epochs after a reduction that do not count
	MinLR    float64 // the learning rate's lower bound

	m        monitor
	wait     int
	cooldown int // epochs left
}

func (c *ReduceLROnPlateau) logsRate() {}

// orDefault returns v, or def where v is zero.
func orDefault[T int | float64](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// FitBegin implements [FitCallback].
func (c *ReduceLROnPlateau) FitBegin(_ context.Context, t *Trainer, o FitOptions) (err error) {
	switch {
	case c.Factor < 0 || c.Factor >= 1:
		return fmt.Errorf("train: ReduceLROnPlateau has factor %v, it must be in (0,1)", c.Factor)
	case c.Patience < 0 || c.Cooldown < 0 || c.MinLR < 0:
		return fmt.Errorf("train: ReduceLROnPlateau has patience %d, cooldown %d, min_lr %v, which must not be negative", c.Patience, c.Cooldown, c.MinLR)
	case optim.OptionsOf(t.cfg.Optimizer).Schedule != nil:
		return fmt.Errorf("train: ReduceLROnPlateau cannot change the learning rate of an optimizer that has a schedule")
	}
	c.wait, c.cooldown = 0, 0
	c.m, err = newMonitor("ReduceLROnPlateau", t, o, c.Monitor, c.Mode, orDefault(c.MinDelta, 1e-4))
	return err
}

// EpochEnd implements [Callback].
func (c *ReduceLROnPlateau) EpochEnd(_ context.Context, t *Trainer, e Epoch) error {
	if c.cooldown > 0 {
		c.cooldown--
		c.wait = 0
	}
	switch {
	case c.m.improves(c.m.value(e.History)):
		c.wait = 0
	case c.cooldown == 0:
		c.wait++
		if rate := t.LearningRate(); c.wait >= orDefault(c.Patience, 10) && rate > c.MinLR {
			t.SetLearningRate(max(rate*orDefault(c.Factor, .1), c.MinLR))
			c.cooldown, c.wait = c.Cooldown, 0
		}
	}
	return nil
}

// FitEnd implements [FitCallback].
func (c *ReduceLROnPlateau) FitEnd(context.Context, *Trainer, *History) error { return nil }

// State implements [StateCallback]. The learning rate itself is the trainer's.
func (c *ReduceLROnPlateau) State() map[string]tensor.Any {
	s := c.m.state()
	s["wait"], s["cooldown"] = tensor.Vector(int64(c.wait)), tensor.Vector(int64(c.cooldown))
	return s
}

// SetState implements [StateCallback].
func (c *ReduceLROnPlateau) SetState(_ *Trainer, s map[string]tensor.Any) error {
	if err := c.m.setState(s); err != nil {
		return err
	}
	if err := takeInt(s, "wait", &c.wait); err != nil {
		return err
	}
	return takeInt(s, "cooldown", &c.cooldown)
}
