package report

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"

	"github.com/onnxtool/onnxtool/train"
)

// LearningRates draws the loss over the learning rate, as [train.Trainer.FindLearningRate] finds it: that of each
// step, its average, and the rate that is suggested.
type LearningRates struct {
	Sweep *train.LearningRates
	Title string // empty for a plain one
}

func (f LearningRates) sheet() (*sheet, error) {
	if f.Sweep == nil || len(f.Sweep.Rates) < 2 {
		return nil, fmt.Errorf("%w: a sweep of less than two learning rates", ErrData)
	}
	p := newPlot("learning rate (logarithmic)", "loss")
	s := &sheet{width: stdWidth, height: stdHeight, title: orText(f.Title, "Loss by learning rate"), panels: []panel{{plot: p}}}
	n := len(f.Sweep.Rates)
	raw, smooth := make(plotter.XYs, n), make(plotter.XYs, n)
	for i, rate := range f.Sweep.Rates {
		x := math.Log10(rate)
		raw[i], smooth[i] = plotter.XY{X: x, Y: f.Sweep.Losses[i]}, plotter.XY{X: x, Y: f.Sweep.Smooth[i]}
	}
	c := partColour(partTrain, 0)
	pale := alpha(c, .35)
	addLine(p, raw, stroke{colour: pale, width: .8})
	addLine(p, smooth, stroke{colour: c})
	s.legend = append(s.legend, key{text: "step", colour: pale}, key{text: "average", colour: c})
	lo, hi := bounds(f.Sweep.Smooth)
	lowest, _ := bounds(f.Sweep.Losses)
	lo = min(lo, lowest)
	if rate, err := f.Sweep.Suggestion(); err == nil {
		for i, r := range f.Sweep.Rates {
			if r == rate {
				mark := partColour(partValidation, 0)
				addDots(p, plotter.XYs{smooth[i]}, mark, 3.6)
				s.legend = append(s.legend, key{text: fmt.Sprintf("steepest descent: %s", short(rate)), colour: mark, mark: markDot})
			}
		}
	}
	p.X.Min, p.X.Max = smooth[0].X, smooth[n-1].X
	p.X.Tick.Marker = decades{}
	p.Y.Min, p.Y.Max = spread(lo, hi, .08)
	return s, nil
}
