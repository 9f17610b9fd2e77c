package train

import (
	"context"
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// EarlyStopping ends a training when a figure has stopped improving. Names, defaults and rules are Keras's,
// but for one: the best weights are restored whenever Fit ends, not only when it was stopped early. The
// zero value stops after the first epoch in which val_loss does not fall.
type EarlyStopping struct {
	Monitor            string   // a figure of the history; empty is val_loss
	MinDelta           float64  // what is not more than this is no improvement
	Patience           int      // epochs without improvement after which the training stops
	Mode               string   // auto (or empty), min, max: which way the figure should go
	Baseline           *float64 // value to beat: epochs that do not count as without improvement
	RestoreBestWeights bool     // leave the parameters as they were after the epoch with the best value
	StartFromEpoch     int      // epochs before it are not looked at

	m            monitor
	wait         int
	stoppedEpoch int // 0 where the training was not stopped
	bestEpoch    int
	weights      map[string]tensor.Any // of the best epoch, nil where there was none
}

// FitBegin implements [FitCallback].
func (c *EarlyStopping) FitBegin(_ context.Context, t *Trainer, o FitOptions) (err error) {
	if c.Patience < 0 || c.StartFromEpoch < 0 {
		return fmt.Errorf("train: EarlyStopping has patience %d and start_from_epoch %d, which must not be negative", c.Patience, c.StartFromEpoch)
	}
	c.wait, c.stoppedEpoch, c.bestEpoch, c.weights = 0, 0, 0, nil
	c.m, err = newMonitor("EarlyStopping", t, o, c.Monitor, c.Mode, c.MinDelta)
	return err
}

// EpochEnd implements [Callback].
func (c *EarlyStopping) EpochEnd(_ context.Context, t *Trainer, e Epoch) error {
	if e.Number < c.StartFromEpoch {
		return nil
	}
	if c.RestoreBestWeights && c.weights == nil {
		c.keep(t, e.Number)
	}
	c.wait++
	v := c.m.value(e.History)
	if c.m.improves(v) {
		c.keep(t, e.Number)
		if c.Baseline == nil || c.m.beats(v, *c.Baseline) {
			c.wait = 0
		}
		return nil
	}
	if c.wait >= c.Patience && e.Number > 0 {
		c.stoppedEpoch = e.Number
		t.Stop()
	}
	return nil
}

// keep remembers an epoch as the best.
func (c *EarlyStopping) keep(t *Trainer, epoch int) {
	c.bestEpoch = epoch
	if !c.RestoreBestWeights {
		return
	}
	c.weights = map[string]tensor.Any{}
	for _, p := range t.Params() {
		c.weights[p.Name] = tensor.CloneAny(p.Tensor)
	}
}

// FitEnd implements [FitCallback].
func (c *EarlyStopping) FitEnd(_ context.Context, t *Trainer, _ *History) error {
	if c.weights == nil {
		return nil
	}
	for name, w := range c.weights {
		if err := t.SetParam(name, w); err != nil {
			return err
		}
	}
	return nil
}

// StoppedEpoch returns the epoch, from 0, after which the training was stopped; ok is false where it was not.
func (c *EarlyStopping) StoppedEpoch() (epoch int, ok bool) {
	return c.stoppedEpoch, c.stoppedEpoch > 0
}

// BestEpoch returns the epoch, from 0, with the best value, and that value.
func (c *EarlyStopping) BestEpoch() (epoch int, best float64) { return c.bestEpoch, c.m.best }

const weightPrefix = "weight/" // of the best weights, by parameter, in a callback's state

// State implements [StateCallback].
func (c *EarlyStopping) State() map[string]tensor.Any {
	s := c.m.state()
	s["wait"], s["stopped_epoch"], s["best_epoch"] = tensor.Vector(int64(c.wait)), tensor.Vector(int64(c.stoppedEpoch)), tensor.Vector(int64(c.bestEpoch))
	for name, w := range c.weights {
		s[weightPrefix+name] = w
	}
	return s
}

// SetState implements [StateCallback]. A training that was stopped stays so, unless Patience is longer now.
func (c *EarlyStopping) SetState(t *Trainer, s map[string]tensor.Any) error {
	if err := c.m.setState(s); err != nil {
		return err
	}
	for name, dst := range map[string]*int{"wait": &c.wait, "stopped_epoch": &c.stoppedEpoch, "best_epoch": &c.bestEpoch} {
		if err := takeInt(s, name, dst); err != nil {
			return err
		}
	}
	if c.RestoreBestWeights {
		weights := map[string]tensor.Any{}
		for _, p := range t.Params() {
			w := s[weightPrefix+p.Name]
			if w == nil {
				continue
			}
			if w.DType() != p.Tensor.DType() || !w.Shape().Equal(p.Tensor.Shape()) {
				return fmt.Errorf("the best %s is %v%v, the network has %v%v", p.Name, w.DType(), w.Shape(), p.Tensor.DType(), p.Tensor.Shape())
			}
			weights[p.Name] = w
		}
		if len(weights) == len(t.Params()) {
			c.weights = weights
		} else if c.m.seen {
			return fmt.Errorf("it has no best weights: it was made without restoring them")
		}
	}
	if c.stoppedEpoch > 0 && c.wait >= c.Patience {
		t.Stop()
	}
	return nil
}
