package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/onnxtool/onnxtool/train"
)

// newProgress returns the callback that shows how a training goes: a bar where w is a terminal, else a
// line every few seconds and after the last epoch.
func newProgress(w io.Writer) train.Callback {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		if b := newBar(f); b != nil {
			return b
		}
	}
	return &lines{w: w}
}

// lineEvery is the least time between two lines.
const lineEvery = 5 * time.Second

type lines struct {
	w      io.Writer
	epochs int
	last   time.Time
}

func (l *lines) FitBegin(_ context.Context, _ *train.Trainer, o train.FitOptions) error {
	l.epochs, l.last = o.Epochs, time.Now()
	return nil
}

func (l *lines) FitEnd(context.Context, *train.Trainer, *train.History) error { return nil }

func (l *lines) EpochEnd(_ context.Context, _ *train.Trainer, e train.Epoch) error {
	if time.Since(l.last) < lineEvery && e.Number+1 < l.epochs {
		return nil
	}
	l.last = time.Now()
	_, err := fmt.Fprintf(l.w, "epoch %d/%d%s\n", e.Number+1, l.epochs, figures(e.History))
	return err
}

// figures writes the last epoch's figures.
func figures(h *train.History) string {
	var b strings.Builder
	for _, n := range h.Names {
		v, _ := h.Last(n)
		fmt.Fprintf(&b, "  %s %.4f", n, v)
	}
	return b.String()
}
