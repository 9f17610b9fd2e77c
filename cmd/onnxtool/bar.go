//go:build !js && !wasip1

package main

import (
	"context"
	"io"

	"github.com/cheggaaa/pb/v3"

	"github.com/onnxtool/onnxtool/train"
)

func newBar(w io.Writer) train.Callback { return &bar{w: w} }

type bar struct {
	w      io.Writer
	epochs int
	bar    *pb.ProgressBar
}

// barTemplate shows epochs, rate and what is left.
const barTemplate = `{{counters . }} epochs {{bar . }} {{speed . "%s/s"}} {{rtime . "%s left"}}{{string . "figures"}}`

func (b *bar) FitBegin(_ context.Context, t *train.Trainer, o train.FitOptions) error {
	b.epochs = o.Epochs
	b.bar = pb.ProgressBarTemplate(barTemplate).New(o.Epochs).SetWriter(b.w).SetCurrent(int64(t.Epoch())).Start()
	return nil
}

func (b *bar) EpochEnd(_ context.Context, _ *train.Trainer, e train.Epoch) error {
	b.bar.Set("figures", figures(e.History)).SetCurrent(int64(e.Number + 1))
	return nil
}

func (b *bar) FitEnd(context.Context, *train.Trainer, *train.History) error {
	b.bar.Finish()
	return nil
}
