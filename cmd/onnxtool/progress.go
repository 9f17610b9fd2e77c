package main

import (
	"context"
	"fmt"
	"io"
	"math"
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
	w    io.Writer
	last time.Time
	pace pace
}

func (l *lines) FitBegin(_ context.Context, t *train.Trainer, o train.FitOptions) error {
	l.last = time.Now()
	l.pace = pace{epochs: o.Epochs, begin: l.last, from: float64(t.Epoch())}
	return nil
}

func (l *lines) FitEnd(context.Context, *train.Trainer, *train.History) error { return nil }

// BatchEnd writes a line within a long epoch.
func (l *lines) BatchEnd(_ context.Context, _ *train.Trainer, p train.Progress) error {
	l.pace.batch(p)
	if time.Since(l.last) < lineEvery {
		return nil
	}
	l.last = time.Now()
	of := ""
	if p.Total > 0 {
		of = fmt.Sprintf("/%d", p.Total)
	}
	_, err := fmt.Fprintf(l.w, "epoch %d/%d  %d%s examples  loss %s%s\n", p.Epoch+1, l.pace.epochs, p.Done, of, rounded(p.Loss), l.pace.text())
	return err
}

func (l *lines) EpochEnd(_ context.Context, t *train.Trainer, e train.Epoch) error {
	l.pace.done = float64(t.Epoch())
	if time.Since(l.last) < lineEvery && e.Number+1 < l.pace.epochs {
		return nil
	}
	l.last = time.Now()
	_, err := fmt.Fprintf(l.w, "epoch %d/%d%s%s\n", e.Number+1, l.pace.epochs, figures(e.History), l.pace.text())
	return err
}

// pace is how fast a training goes.
type pace struct {
	epochs   int
	begin    time.Time
	from     float64 // epochs that were done at the beginning
	done     float64 // epochs, with a fraction where their length is known
	examples int     // since the beginning
	last     train.Progress
}

// batch takes in a step.
func (p *pace) batch(now train.Progress) {
	switch {
	case now.Epoch == p.last.Epoch && p.last.Done > 0:
		p.examples += now.Done - p.last.Done
	case now.Batch == 0:
		p.examples += now.Done
	} // else it is the first step after a resume within an epoch
	p.last = now
	if now.Total > 0 {
		p.done = float64(now.Epoch) + float64(now.Done)/float64(now.Total)
		if p.examples == 0 {
			p.from = p.done
		}
	}
}

// text says the rate and what is left, nothing where there is nothing to say.
func (p *pace) text() string {
	took := time.Since(p.begin)
	if took < time.Second || p.examples == 0 {
		return ""
	}
	s := fmt.Sprintf("  %.0f examples/s", float64(p.examples)/took.Seconds())
	if left := float64(p.epochs) - p.done; left > 0 && p.done > p.from {
		s += fmt.Sprintf(", %v left", time.Duration(float64(took)*left/(p.done-p.from)).Round(time.Second))
	}
	return s
}

// figures writes the last epoch's figures.
func figures(h *train.History) string {
	var b strings.Builder
	for _, n := range h.Names {
		v, _ := h.Last(n)
		fmt.Fprintf(&b, "  %s %s", n, rounded(v))
	}
	return b.String()
}

// rounded writes a figure as Keras does, with an exponent where it is small.
func rounded(v float64) string {
	if v != 0 && math.Abs(v) < 1e-3 {
		return fmt.Sprintf("%.4e", v)
	}
	return fmt.Sprintf("%.4f", v)
}
