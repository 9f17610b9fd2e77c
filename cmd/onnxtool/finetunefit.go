package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
)

// run trains as the flags say. The history is nil where there is nothing to write: after --find-lr and
// --fast-dev-run, and where the time was up within the first epoch.
func (f *finetuneFlags) run(ctx context.Context, e env, im *train.Imported, t *train.Trainer, src data.Source, o train.FitOptions) (*train.History, error) {
	callbacks, checkpoint, err := f.fitting.callbacks(f.checkpoint, func(t *train.Trainer, path string) error {
		m, err := im.Model(t)
		if err != nil {
			return err
		}
		return onnxio.Save(path, m, onnxio.SaveOptions{})
	})
	if err != nil {
		return nil, err
	}
	if f.fitting.findLR {
		return nil, findLR(ctx, e, t, src, filepath.Dir(f.out))
	}
	if err := f.fitting.load(e, t, f.checkpoint); err != nil {
		return nil, err
	}
	o.Callbacks = append(o.Callbacks, callbacks...)
	h, err := t.Fit(ctx, src, o)
	if err != nil {
		return nil, interrupted(ctx, err, checkpoint)
	}
	ended(e, callbacks, t, checkpoint)
	if f.fitting.fastDevRun {
		fmt.Fprintln(e.out, "training and validation work; nothing was kept")
	}
	if f.fitting.fastDevRun || len(h.Epochs) == 0 {
		return nil, nil
	}
	return h, nil
}

// checkData holds the data against the losses and the size of a batch, before anything is trained; what is streamed,
// as it is read.
func (f *finetuneFlags) checkData(sets *tuningSets, im *train.Imported, cfg train.Config) error {
	if n := sets.train.Len(); n >= 0 && f.batchGiven && f.batch > n {
		return largeBatch(f.batch, n)
	}
	check := func(ds *data.Dataset) error { return checkTargets(ds, im.Net.Graph.Outputs, cfg) }
	for _, part := range []struct {
		name string
		set  tuningSet
	}{{f.data, sets.train}, {"validation data", sets.validation}} {
		switch set := part.set.(type) {
		case *data.Dataset:
			if err := check(set); err != nil {
				return fmt.Errorf("%s: %w", part.name, err)
			}
		case streamedSet:
			if err := set.checkEach(check); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTargets holds targets against the losses of the outputs.
func checkTargets(ds *data.Dataset, outs []*nn.Value, cfg train.Config) error {
	if err := loss.CheckTargets(cfg.Loss, ds.Target(), classesOf(outs[0])); err != nil {
		return err
	}
	for i, o := range cfg.More {
		if err := loss.CheckTargets(o.Loss, ds.Inputs()[o.Target], classesOf(outs[1+i])); err != nil {
			return fmt.Errorf("output %s: %w", o.Output, err)
		}
	}
	return nil
}

// classesOf returns the size of a value's last dimension, -1 where it is not known.
func classesOf(v *nn.Value) int {
	if shape := v.Fact.Shape; len(shape) > 0 {
		if n, ok := shape[len(shape)-1].Int(); ok {
			return n
		}
	}
	return -1
}

// largeBatch says that a batch that was asked for is larger than the data.
func largeBatch(batch, examples int) error {
	return fmt.Errorf("--batch %d is larger than the training data, which has %d examples", batch, examples)
}
