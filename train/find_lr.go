package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/onnxtool/onnxtool/train/data"
)

// LearningRateSweep says how [Trainer.FindLearningRate] tries learning rates. The zero value has fastai's
// defaults.
type LearningRateSweep struct {
	Min   float64 // the first rate; 1e-7 where zero
	Max   float64 // the last; 10 where zero
	Steps int     // 100 where zero; the rate grows by the same factor from each to the next
}

// LearningRates is the loss of a network over the learning rate.
type LearningRates struct {
	Rates  []float64
	Losses []float64 // of each step
	Smooth []float64 // their exponential average, 0.98 of it from the step before
}

// The sweep ends early where the smooth loss is that many times its least value.
const divergence = 4

// FindLearningRate trains with a learning rate that grows from step to step, until the loss diverges: Smith,
// arXiv 1506.01186. The trainer is left as it was.
func (t *Trainer) FindLearningRate(ctx context.Context, src data.Source, o LearningRateSweep) (*LearningRates, error) {
	if err := t.made(); err != nil {
		return nil, err
	}
	if src == nil {
		return nil, errors.New("train: no data to find a learning rate with is given")
	}
	lo, hi, n := orDefault(o.Min, 1e-7), orDefault(o.Max, 10), orDefault(o.Steps, 100)
	if !(lo > 0 && hi > lo) || n < 2 {
		return nil, fmt.Errorf("train: a sweep from learning rate %v to %v in %d steps", lo, hi, n)
	}
	batches := &endless{src: src}
	defer batches.Close()
	b, err := batches.Next()
	if err != nil {
		return nil, err
	}
	if _, err := t.stepPass(b); err != nil { // makes the optimizer's slots
		return nil, err
	}
	var before snapshot
	if err := before.take(t); err != nil {
		return nil, err
	}
	out := &LearningRates{}
	err = t.sweep(ctx, batches, b, out, lo, hi, n)
	return out, errors.Join(err, before.restore(t))
}

func (t *Trainer) sweep(ctx context.Context, batches *endless, b *data.Batch, out *LearningRates, lo, hi float64, n int) error {
	const beta = .98
	mean, least := 0., math.Inf(1)
	for i := range n {
		rate := lo * math.Pow(hi/lo, float64(i)/float64(n-1))
		t.SetLearningRate(rate)
		loss, _, err := t.Step(ctx, b)
		if err != nil {
			return err
		}
		mean = beta*mean + (1-beta)*loss
		smooth := mean / (1 - math.Pow(beta, float64(i+1)))
		if !finite(smooth) {
			return nil
		}
		out.Rates, out.Losses, out.Smooth = append(out.Rates, rate), append(out.Losses, loss), append(out.Smooth, smooth)
		if smooth > divergence*least {
			return nil
		}
		least = min(least, smooth)
		if b, err = batches.Next(); err != nil {
			return err
		}
	}
	return nil
}

// Suggestion returns the rate at which the smooth loss falls most steeply, as fastai and Lightning suggest it,
// within its deepest unbroken fall: of the first steps the average is noise, which may be steeper. The first tenth
// of the steps and the last five do not count.
func (l *LearningRates) Suggestion() (float64, error) {
	from, to := len(l.Smooth)/10, len(l.Smooth)-5
	if to-from < 2 {
		return 0, fmt.Errorf("train: the loss diverged after %d steps, before anything could be learned: is the first learning rate too high?", len(l.Smooth))
	}
	first, last := l.deepestFall(from, to)
	if first == last {
		return 0, errors.New("train: the loss never falls: is the first learning rate too high, or is there nothing to learn?")
	}
	best, steepest := first, math.Inf(1)
	for i := first; i <= last; i++ {
		a, b := max(i-1, from), min(i+1, to-1)
		if slope := (l.Smooth[b] - l.Smooth[a]) / math.Log(l.Rates[b]/l.Rates[a]); slope < steepest {
			best, steepest = i, slope
		}
	}
	return l.Rates[best], nil
}

// deepestFall returns where among steps from up to to the smooth loss begins and ends to fall by the most.
func (l *LearningRates) deepestFall(from, to int) (first, last int) {
	start := from
	for i := from + 1; i < to; i++ {
		if l.Smooth[i] >= l.Smooth[i-1] {
			start = i
		} else if l.Smooth[start]-l.Smooth[i] > l.Smooth[first]-l.Smooth[last] {
			first, last = start, i
		}
	}
	return first, last
}

// endless walks through epoch after epoch.
type endless struct {
	src   data.Source
	epoch int
	it    data.Iterator
}

func (e *endless) Next() (*data.Batch, error) {
	for range 2 { // an epoch that is empty ends it
		if e.it == nil {
			it, err := e.src.Epoch(e.epoch)
			if err != nil {
				return nil, err
			}
			e.it, e.epoch = it, e.epoch+1
		}
		b, err := e.it.Next()
		if err != io.EOF {
			return b, err
		}
		if err := e.Close(); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("train: the data has no examples")
}

func (e *endless) Close() error {
	if e.it == nil {
		return nil
	}
	err := e.it.Close()
	e.it = nil
	return err
}
