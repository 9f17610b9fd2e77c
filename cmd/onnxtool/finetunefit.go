package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
)

// run trains as the flags say. The history is nil where there is nothing to write: after --find-lr and
// --fast-dev-run, and where the time was up within the first epoch.
func (f *finetuneFlags) run(ctx context.Context, e env, im *train.Imported, t *train.Trainer, src data.Source, o train.FitOptions) (*train.History, error) {
	if f.fitting.resume && f.checkpoint == "" {
		return nil, usagef("--resume needs --checkpoint FILE")
	}
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
	o.FastDevRun, o.OverfitBatches = f.fitting.fastDevRun, f.fitting.overfitBatches
	o.Callbacks = append(o.Callbacks, callbacks...)
	h, err := t.Fit(ctx, src, o)
	if err != nil {
		return nil, interrupted(ctx, err, checkpoint)
	}
	ended(e, callbacks, t)
	if f.fitting.fastDevRun {
		fmt.Fprintln(e.out, "training and validation work; nothing was kept")
	}
	if f.fitting.fastDevRun || len(h.Epochs) == 0 {
		return nil, nil
	}
	return h, nil
}
