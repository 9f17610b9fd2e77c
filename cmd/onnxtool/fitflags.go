package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/onnxtool/onnxtool/train"
)

// fitFlags are what train and finetune share: when a training stops, what it writes on its way. Arguments of
// callbacks are Keras's.
type fitFlags struct {
	earlyStopping, reduceLR, modelCheckpoint string
	maxTime                                  time.Duration
	resume                                   bool
	saveFreq                                 string
	tensorboard                              string
	histogramFreq                            int
	fastDevRun                               bool
	overfitBatches                           int
	stepsPerEpoch, validationSteps           int
	findLR                                   bool
	trainingInfo                             string
}

// saveFreq is how often the checkpoint is written where nothing else is said.
const saveFreq = "1s"

func (f *fitFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.earlyStopping, "early-stopping", "", "stop when a figure no longer improves: `ARGS` as in monitor=val_loss,patience=3,restore_best_weights")
	fl.StringVar(&f.reduceLR, "reduce-lr-on-plateau", "", "lower the learning rate when a figure no longer improves: `ARGS` as in monitor=val_loss,factor=0.2,patience=5")
	fl.StringVar(&f.modelCheckpoint, "model-checkpoint", "", "also write models on the way: `ARGS` as in filepath=best.onnx,monitor=val_auc,save_best_only")
	fl.DurationVar(&f.maxTime, "max-time", 0, "stop after a time such as 10m, within an epoch too; --resume goes on")
	fl.BoolVar(&f.resume, "resume", false, "go on from the checkpoint; the result is that of a training without interruption")
	fl.StringVar(&f.saveFreq, "save-freq", saveFreq, "how often the checkpoint is written: epoch, a number of steps, or a `time`")
	fl.StringVar(&f.tensorboard, "tensorboard", "", "`folder` for TensorBoard's event files")
	fl.IntVar(&f.histogramFreq, "histogram-freq", 0, "write histograms of the weights to TensorBoard every `N` epochs")
	fl.IntVar(&f.stepsPerEpoch, "steps-per-epoch", 0, "end an epoch after `N` batches; the next one goes on behind them, as in Keras (default: all of the data)")
	fl.IntVar(&f.validationSteps, "validation-steps", 0, "evaluate on the first `N` batches of the validation data (default: on all of them)")
	fl.BoolVar(&f.fastDevRun, "fast-dev-run", false, "one step of training and one of validation, to see that everything works; nothing is kept")
	fl.IntVar(&f.overfitBatches, "overfit-batches", 0, "train on the first `N` batches alone: a loss that does not fall to nearly 0 shows a mistake")
	fl.StringVar(&f.trainingInfo, "training-info", "", "also write the model with its training step as ONNX's training_info to a `file`")
	fl.BoolVar(&f.findLR, "find-lr", false, "try learning rates, suggest one and draw the loss over them, instead of training")
}

// callbacks returns what the flags ask for, and the checkpoint's own where there is a path for it.
func (f *fitFlags) callbacks(checkpoint string, save func(*train.Trainer, string) error) (list []train.Callback, c *train.Checkpoint, err error) {
	list = append(list, &train.TerminateOnNaN{})
	for _, x := range []struct{ flag, name, args string }{
		{"reduce-lr-on-plateau", "reduce_lr_on_plateau", f.reduceLR},
		{"early-stopping", "early_stopping", f.earlyStopping},
		{"model-checkpoint", "model_checkpoint", f.modelCheckpoint},
	} {
		if x.args == "" {
			continue
		}
		cb, err := train.ParseCallback(x.name + ":" + x.args)
		if err != nil {
			return nil, nil, usagef("--%s: %v", x.flag, err)
		}
		if m, ok := cb.(*train.ModelCheckpoint); ok {
			m.Save = save
		}
		list = append(list, cb)
	}
	if f.maxTime < 0 || f.histogramFreq < 0 || f.overfitBatches < 0 || f.stepsPerEpoch < 0 || f.validationSteps < 0 {
		return nil, nil, usagef("--max-time, --histogram-freq, --overfit-batches, --steps-per-epoch and --validation-steps must not be negative")
	}
	if f.maxTime > 0 {
		list = append(list, &train.Timer{Duration: f.maxTime})
	}
	if f.tensorboard != "" {
		list = append(list, &train.TensorBoard{LogDir: f.tensorboard, HistogramFreq: f.histogramFreq})
	}
	if checkpoint != "" {
		c = &train.Checkpoint{Path: checkpoint}
		if err := f.setFreq(c); err != nil {
			return nil, nil, err
		}
		list = append(list, c)
	}
	return list, c, nil
}

// steps sets how many batches an epoch has, once the data is known. It says where the data is too short for that.
func (f *fitFlags) steps(e env, o *train.FitOptions, examples, batch int) error {
	if f.validationSteps > 0 && o.Validation == nil {
		return usagef("--validation-steps needs validation data, and there is none")
	}
	o.FastDevRun, o.OverfitBatches, o.StepsPerEpoch, o.ValidationSteps = f.fastDevRun, f.overfitBatches, f.stepsPerEpoch, f.validationSteps
	if n := (examples + batch - 1) / batch; f.stepsPerEpoch > 0 && examples >= 0 && n%f.stepsPerEpoch != 0 {
		fmt.Fprintf(e.err, "the data has %d batches, which --steps-per-epoch %d does not divide: the epoch that reaches its end is shorter, as in Keras\n", n, f.stepsPerEpoch)
	}
	return nil
}

// setFreq reads --save-freq.
func (f *fitFlags) setFreq(c *train.Checkpoint) error {
	if f.saveFreq == "epoch" {
		return nil
	}
	if n, err := strconv.Atoi(f.saveFreq); err == nil && n > 0 {
		c.SaveFreq = n
		return nil
	}
	d, err := time.ParseDuration(f.saveFreq)
	if err != nil || d <= 0 {
		return usagef("--save-freq %s is neither epoch, a number of steps nor a time such as 30s", f.saveFreq)
	}
	c.Every = d
	return nil
}

// load goes on from a checkpoint where --resume asks for it. A training that was killed before it wrote one
// begins again.
func (f *fitFlags) load(e env, t *train.Trainer, path string) error {
	if !f.resume {
		return nil
	}
	err := t.LoadCheckpoint(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(e.err, "there is no checkpoint %s yet: starting from the beginning\n", path)
		return nil
	case err != nil:
		return err
	}
	fmt.Fprintf(e.err, "resuming after epoch %d, step %d\n", t.Epoch(), t.Steps())
	return nil
}

// ended says on the error output why a training ended before its last epoch.
func ended(e env, list []train.Callback, t *train.Trainer, checkpoint *train.Checkpoint) {
	for _, c := range list {
		switch c := c.(type) {
		case *train.EarlyStopping:
			if epoch, ok := c.StoppedEpoch(); ok {
				best, v := c.BestEpoch()
				fmt.Fprintf(e.err, "stopped early after epoch %d; the best was epoch %d with %.6g\n", epoch+1, best+1, v)
			}
		case *train.Timer:
			if c.Up() {
				on := "--resume goes on"
				if checkpoint == nil {
					on = "with --checkpoint FILE it could be resumed"
				}
				if t.Epoch() == 0 {
					on += "; nothing else is written before an epoch has ended"
				}
				fmt.Fprintf(e.err, "the time is up after epoch %d, step %d; %s\n", t.Epoch(), t.Steps(), on)
			}
		}
	}
}
