package train

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// A checkpoint is an .npz file: each parameter as param/<name>, each optimizer slot as slot/<name>, and
// the array "progress", one string of JSON with what else a training needs to go on.
const (
	paramPrefix = "param/"
	slotPrefix  = "slot/"
	progressKey = "progress"
)

type progress struct {
	Format       int      `json:"format"`
	Steps        int64    `json:"steps"`
	Epoch        int      `json:"epoch"`
	LearningRate float64  `json:"learning_rate"`
	Manual       bool     `json:"learning_rate_set,omitempty"`
	Seed         uint64   `json:"seed"`
	Optimizer    string   `json:"optimizer"`
	History      *History `json:"history,omitempty"`
}

// checkpointFormat is raised when a checkpoint changes in a way that older readers would misread.
const checkpointFormat = 1

// SaveCheckpoint writes everything that Fit needs to go on: parameters, optimizer slots, progress. The
// file is replaced whole or not at all.
func (t *Trainer) SaveCheckpoint(path string) error {
	p, err := json.Marshal(progress{checkpointFormat, t.steps, t.epoch, t.rate, t.manual, t.cfg.Seed, t.cfg.Optimizer.Name(), &t.history})
	if err != nil {
		return err
	}
	arrays := map[string]tensor.Any{progressKey: tensor.Vector(string(p))}
	for _, v := range t.Params() {
		arrays[paramPrefix+v.Name] = v.Tensor
	}
	for name, s := range t.slots {
		arrays[slotPrefix+name] = s
	}
	return atomicfile.Write(path, func(w io.Writer) error { return data.WriteNPZ(w, arrays) })
}

// LoadCheckpoint brings the trainer to where the one was that wrote the file. The network, the
// optimizer and the seed must be the same.
func (t *Trainer) LoadCheckpoint(path string) error {
	arrays, err := data.LoadNPZ(path, data.ArrayOptions{})
	if err != nil {
		return err
	}
	fail := func(format string, args ...any) error {
		return fmt.Errorf("checkpoint %s: %s", path, fmt.Sprintf(format, args...))
	}
	text := tensor.Data[string](arrays[progressKey])
	var p progress
	if len(text) != 1 {
		return fail("no array %q: not a checkpoint", progressKey)
	}
	if err := json.Unmarshal([]byte(text[0]), &p); err != nil {
		return fail("array %q: %v", progressKey, err)
	}
	switch {
	case p.Format != checkpointFormat:
		return fail("format %d, expected %d", p.Format, checkpointFormat)
	case p.Optimizer != t.cfg.Optimizer.Name():
		return fail("it was made with optimizer %s, the training has %s", p.Optimizer, t.cfg.Optimizer.Name())
	case p.Seed != t.cfg.Seed:
		return fail("it was made with seed %d, the training has %d", p.Seed, t.cfg.Seed)
	}
	for _, v := range t.Params() {
		if err := fits(arrays, paramPrefix+v.Name, v.Tensor); err != nil {
			return fail("%v", err)
		}
	}
	for name := range arrays {
		if n, ok := strings.CutPrefix(name, paramPrefix); ok && !t.hasParam(n) {
			return fail("the network has no parameter %s", n)
		}
		if n, ok := strings.CutPrefix(name, slotPrefix); ok && t.slots[n] != nil {
			if err := fits(arrays, name, t.slots[n]); err != nil {
				return fail("%v", err)
			}
		}
	}
	if err := t.take(arrays); err != nil {
		return fail("%v", err)
	}
	t.steps, t.epoch, t.rate, t.manual = p.Steps, p.Epoch, p.LearningRate, p.Manual
	if p.History != nil {
		t.history = *p.History
	}
	return nil
}

// take copies the arrays of a checkpoint, which are known to fit.
func (t *Trainer) take(arrays map[string]tensor.Any) error {
	for _, v := range t.Params() {
		if err := tensor.Copy(v.Tensor, arrays[paramPrefix+v.Name]); err != nil {
			return err
		}
	}
	for name, a := range arrays {
		n, ok := strings.CutPrefix(name, slotPrefix)
		switch {
		case !ok:
		case t.slots[n] == nil: // no step has been built yet
			t.slots[n] = tensor.CloneAny(a)
		default:
			if err := tensor.Copy(t.slots[n], a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Trainer) hasParam(name string) bool {
	for _, v := range t.Params() {
		if v.Name == name {
			return true
		}
	}
	return false
}

// fits reports how an array differs from the tensor that it is for.
func fits(arrays map[string]tensor.Any, name string, want tensor.Any) error {
	a := arrays[name]
	if a == nil {
		return fmt.Errorf("no array %s", name)
	}
	if a.DType() != want.DType() || !a.Shape().Equal(want.Shape()) {
		return fmt.Errorf("%s is %v%v, the network has %v%v", name, a.DType(), a.Shape(), want.DType(), want.Shape())
	}
	return nil
}

// Checkpoint is a callback that saves a checkpoint after each epoch, or as often as Every allows, and when
// Fit ends between two epochs.
type Checkpoint struct {
	Path string
	// Every is the least time between two checkpoints: where epochs take milliseconds, saving each would take
	// most of the time. An interrupt loses at most so much. 0 saves after each epoch.
	Every time.Duration

	last  time.Time // of the last checkpoint
	epoch int       // that it was made after
	steps int64     // done when the last epoch ended
}

// FitBegin implements [FitCallback].
func (c *Checkpoint) FitBegin(_ context.Context, t *Trainer, _ FitOptions) error {
	c.epoch, c.steps = t.Epoch(), t.Steps()
	return nil
}

// EpochEnd implements [Callback].
func (c *Checkpoint) EpochEnd(_ context.Context, t *Trainer, _ Epoch) error {
	c.steps = t.Steps()
	if c.Every > 0 && time.Since(c.last) < c.Every {
		return nil
	}
	return c.save(t)
}

// FitEnd implements [FitCallback]. Within an epoch there is no state to go on from.
func (c *Checkpoint) FitEnd(_ context.Context, t *Trainer, _ *History) error {
	if t.Epoch() == c.epoch || t.Steps() != c.steps {
		return nil
	}
	return c.save(t)
}

func (c *Checkpoint) save(t *Trainer) error {
	if err := t.SaveCheckpoint(c.Path); err != nil {
		return err
	}
	c.last, c.epoch = time.Now(), t.Epoch()
	return nil
}

// Epoch returns the number of epochs that the last checkpoint was made after.
func (c *Checkpoint) Epoch() int { return c.epoch }

// Exists reports whether there is a checkpoint to go on from.
func (c *Checkpoint) Exists() bool {
	info, err := os.Stat(c.Path)
	return err == nil && info.Mode().IsRegular()
}
