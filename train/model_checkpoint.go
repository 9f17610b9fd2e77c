package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ModelCheckpoint saves the model after each epoch, or only where a figure is the best so far. Names, defaults
// and rules are Keras's. The best value is part of a checkpoint: a resumed training does not overwrite a better
// model.
type ModelCheckpoint struct {
	// Filepath names the file. {epoch}, counted from 1, {batch}, and names of figures stand for their values, in
	// a format where one follows a colon: "{epoch:02d}-{val_loss:.2f}.onnx". Its ending says what is written:
	// .onnx is the model, .npz all that [Trainer.LoadCheckpoint] goes on from.
	Filepath     string
	Monitor      string // a figure of the history; empty is val_loss
	SaveBestOnly bool
	Mode         string // auto (or empty), min, max: which way the figure should go
	// SaveFreq saves after that many steps. What is monitored is then the mean of the epoch so far. 0 saves after
	// each epoch.
	SaveFreq int
	// InitialValueThreshold is what the first model that is saved must be better than; nil is none.
	InitialValueThreshold *float64
	// Save writes the file in another way; nil is by the ending.
	Save func(t *Trainer, path string) error

	m     monitor
	steps int // since the last time
}

// FitBegin implements [FitCallback].
func (c *ModelCheckpoint) FitBegin(_ context.Context, t *Trainer, o FitOptions) (err error) {
	names := t.figureNames(o.Validation != nil)
	if c.SaveFreq > 0 {
		names = t.figureNames(false)
	}
	if c.SaveFreq < 0 || c.Filepath == "" {
		return fmt.Errorf("train: ModelCheckpoint has filepath %q and save_freq %d", c.Filepath, c.SaveFreq)
	}
	if e := filepath.Ext(c.Filepath); c.Save == nil && e != ".onnx" && e != ".npz" {
		return fmt.Errorf("train: ModelCheckpoint writes %s: a file ends in .onnx for the model or .npz for a checkpoint", c.Filepath)
	}
	if _, err := fillIn(c.Filepath, append([]string{"epoch", "batch"}, names...), make([]float64, 2+len(names))); err != nil {
		return err
	}
	c.steps = 0
	if !c.SaveBestOnly {
		return nil
	}
	if c.m, err = newMonitor("ModelCheckpoint", t, o, c.Monitor, c.Mode, 0); err != nil {
		return err
	}
	if c.SaveFreq > 0 && !slices.Contains(names, c.m.figure) {
		return fmt.Errorf("train: ModelCheckpoint monitors %s every %d steps, but within an epoch there are only %s", c.m.figure, c.SaveFreq, strings.Join(names, ", "))
	}
	if c.InitialValueThreshold != nil {
		c.m.best, c.m.seen = *c.InitialValueThreshold, true
	}
	return nil
}

// BatchEnd implements [BatchCallback].
func (c *ModelCheckpoint) BatchEnd(_ context.Context, t *Trainer, p Progress) error {
	if c.SaveFreq == 0 {
		return nil
	}
	if c.steps++; c.steps < c.SaveFreq {
		return nil
	}
	c.steps = 0
	return c.write(t, p.Epoch, p.Batch, t.figureNames(false), t.row(t.within.mean))
}

// EpochEnd implements [Callback].
func (c *ModelCheckpoint) EpochEnd(_ context.Context, t *Trainer, e Epoch) error {
	if c.SaveFreq > 0 {
		return nil
	}
	return c.write(t, e.Number, 0, e.History.Names, e.History.Epochs[len(e.History.Epochs)-1])
}

// FitEnd implements [FitCallback].
func (c *ModelCheckpoint) FitEnd(context.Context, *Trainer, *History) error { return nil }

// write saves where it is time to.
func (c *ModelCheckpoint) write(t *Trainer, epoch, batch int, names []string, row []float64) error {
	if c.SaveBestOnly && !c.m.improves(row[slices.Index(names, c.m.figure)]) {
		return nil
	}
	path, err := fillIn(c.Filepath, append([]string{"epoch", "batch"}, names...), append([]float64{float64(epoch + 1), float64(batch + 1)}, row...))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	switch {
	case c.Save != nil:
		return c.Save(t, path)
	case filepath.Ext(path) == ".npz":
		return t.SaveCheckpoint(path)
	}
	m, err := t.Model(ExportOptions{})
	if err != nil {
		return err
	}
	return onnxio.Save(path, m, onnxio.SaveOptions{})
}

// Best returns the best value so far; ok is false where there is none, or SaveBestOnly is off.
func (c *ModelCheckpoint) Best() (value float64, ok bool) { return c.m.best, c.m.seen }

// State implements [StateCallback].
func (c *ModelCheckpoint) State() map[string]tensor.Any {
	s := map[string]tensor.Any{}
	if c.SaveBestOnly {
		s = c.m.state()
	}
	s["steps"] = tensor.Vector(int64(c.steps))
	return s
}

// SetState implements [StateCallback].
func (c *ModelCheckpoint) SetState(_ *Trainer, s map[string]tensor.Any) error {
	if c.SaveBestOnly && s["monitor"] != nil {
		if err := c.m.setState(s); err != nil {
			return err
		}
	}
	return takeInt(s, "steps", &c.steps)
}

var (
	placeholder = regexp.MustCompile(`\{([^{}]*)\}`)
	format      = regexp.MustCompile(`^(0?\d{0,2}d|0?\d{0,2}(\.\d{1,2})?[efgEG])$`)
)

// fillIn replaces {name} and {name:format} in a path; formats are Python's for whole numbers and floats.
func fillIn(path string, names []string, values []float64) (string, error) {
	var errs []error
	out := placeholder.ReplaceAllStringFunc(path, func(s string) string {
		name, f, _ := strings.Cut(s[1:len(s)-1], ":")
		i := slices.Index(names, name)
		whole := name == "epoch" || name == "batch"
		switch {
		case i < 0:
			errs = append(errs, fmt.Errorf("train: %s: there is no figure %s; there are %s", path, name, strings.Join(names, ", ")))
			return s
		case f == "" && whole:
			return fmt.Sprint(int(values[i]))
		case f == "":
			return fmt.Sprint(values[i])
		case !format.MatchString(f) || strings.HasSuffix(f, "d") != whole:
			errs = append(errs, fmt.Errorf("train: %s: format %q of %s: expected one as in {epoch:02d} or {val_loss:.2f}", path, f, name))
			return s
		case whole:
			return fmt.Sprintf("%"+f, int(values[i]))
		}
		return fmt.Sprintf("%"+f, values[i])
	})
	return out, errors.Join(errs...)
}
