package train

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/onnxtool/onnxtool/internal/tfevent"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TensorBoard writes event files that TensorBoard shows, with Keras's folders and names: epoch_loss, the metrics
// and epoch_learning_rate in LogDir/train, those of the validation data in LogDir/validation. A resumed training
// adds files; epochs that are trained again replace what was there.
type TensorBoard struct {
	LogDir string // logs where empty
	// HistogramFreq is every how many epochs histograms of the weights are written, as <weight>/histogram; 0 is
	// never.
	HistogramFreq int

	train, validation *tfevent.Writer
}

// FitBegin implements [FitCallback].
func (c *TensorBoard) FitBegin(_ context.Context, t *Trainer, o FitOptions) (err error) {
	if c.HistogramFreq < 0 {
		return fmt.Errorf("train: TensorBoard has histogram_freq %d, which must not be negative", c.HistogramFreq)
	}
	dir := c.LogDir
	if dir == "" {
		dir = "logs"
	}
	if c.train, err = tfevent.Create(filepath.Join(dir, "train"), int64(t.epoch)); err != nil || o.Validation == nil {
		return err
	}
	c.validation, err = tfevent.Create(filepath.Join(dir, "validation"), int64(t.epoch))
	return err
}

// EpochEnd implements [Callback].
func (c *TensorBoard) EpochEnd(_ context.Context, t *Trainer, e Epoch) error {
	step := int64(e.Number)
	row := e.History.Epochs[len(e.History.Epochs)-1]
	rate := t.LearningRate()
	for i, name := range e.History.Names {
		w := c.train
		if base, ok := strings.CutPrefix(name, "val_"); ok {
			w, name = c.validation, base
		}
		if name == "learning_rate" { // that of the epoch; t's may be lowered already
			rate = row[i]
			continue
		}
		if err := w.Scalar("epoch_"+name, step, row[i]); err != nil {
			return err
		}
	}
	if err := c.train.Scalar("epoch_learning_rate", step, rate); err != nil {
		return err
	}
	if c.HistogramFreq == 0 || e.Number%c.HistogramFreq != 0 {
		return nil
	}
	for _, p := range t.Params() {
		if values := tensor.Data[float32](p.Tensor); values != nil {
			if err := c.train.Histogram(p.Name+"/histogram", step, values); err != nil {
				return err
			}
		}
	}
	return nil
}

// FitEnd implements [FitCallback].
func (c *TensorBoard) FitEnd(context.Context, *Trainer, *History) error {
	var errs []error
	for _, w := range []*tfevent.Writer{c.train, c.validation} {
		if w != nil {
			errs = append(errs, w.Close())
		}
	}
	c.train, c.validation = nil, nil
	return errors.Join(errs...)
}
