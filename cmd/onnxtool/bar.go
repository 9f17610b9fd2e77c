//go:build !js && !wasip1

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/cheggaaa/pb/v3"

	"github.com/onnxtool/onnxtool/train"
)

func newBar(w io.Writer) train.Callback { return &bar{w: w} }

type bar struct {
	w      io.Writer
	epochs int
	length int // examples of an epoch, 0 where not known
	bar    *pb.ProgressBar
}

// barTemplate shows the epoch, the rate and the time that is left.
const barTemplate = `epoch {{string . "epoch"}} {{bar . }} {{speed . "%s/s"}} {{rtime . "%s left"}}{{string . "figures"}}`

func (b *bar) FitBegin(_ context.Context, t *train.Trainer, o train.FitOptions) error {
	b.epochs, b.length = o.Epochs, 0
	b.bar = pb.ProgressBarTemplate(barTemplate).New(o.Epochs).SetWriter(b.w).SetCurrent(int64(t.Epoch()))
	b.at(min(t.Epoch()+1, b.epochs))
	b.bar.Start()
	return nil
}

// at shows the number of the epoch that runs.
func (b *bar) at(epoch int) { b.bar.Set("epoch", fmt.Sprintf("%d/%d", epoch, b.epochs)) }

// BatchEnd counts examples where it is known how many an epoch has, else epochs are counted.
func (b *bar) BatchEnd(_ context.Context, _ *train.Trainer, p train.Progress) error {
	if p.Total <= 0 {
		return nil
	}
	if b.length != p.Total {
		b.length = p.Total
		b.bar.SetTotal(int64(b.epochs) * int64(b.length))
	}
	b.bar.SetCurrent(int64(p.Epoch)*int64(b.length) + int64(p.Done))
	return nil
}

func (b *bar) EpochEnd(_ context.Context, _ *train.Trainer, e train.Epoch) error {
	b.bar.Set("figures", figures(e.History))
	b.at(min(e.Number+2, b.epochs))
	if b.length == 0 {
		b.bar.SetCurrent(int64(e.Number + 1))
	}
	return nil
}

func (b *bar) FitEnd(context.Context, *train.Trainer, *train.History) error {
	b.bar.Finish()
	return nil
}
