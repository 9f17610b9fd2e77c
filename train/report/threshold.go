package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/onnxtool/onnxtool/train/metric"
)

// Threshold draws precision, recall, F1 and queue rate (the share of positive decisions, which someone has to
// look at) over the threshold from which on a score is a positive decision: what scikit-yb's
// DiscriminationThreshold shows. Of several trials each line is the median and a band holds the middle 80 %.
// The threshold with the best median F1 is marked.
type Threshold struct {
	Trials [][]metric.Point // of a score from 0 to 1, one or more
	Title  string           // empty for a plain one
	Note   string           // what the trials are
}

// thresholdSteps is how many thresholds are drawn.
const thresholdSteps = 400

// thresholdFigures are the lines, in the order of the legend.
var thresholdFigures = []struct {
	name   string
	of     func(metric.Point) float64
	colour int // of fewColours
}{
	{"precision", metric.Point.Precision, 0},
	{"recall", metric.Point.Recall, 2},
	{"F1", metric.Point.F1, 1},
	{"queue rate", metric.Point.QueueRate, 3},
}

func (f Threshold) sheet() (*sheet, error) {
	if len(f.Trials) == 0 {
		return nil, fmt.Errorf("%w: no trials", ErrData)
	}
	for _, t := range f.Trials {
		if err := f.check(t); err != nil {
			return nil, err
		}
	}
	p := newPlot("discrimination threshold", "score")
	unit(&p.X)
	unit(&p.Y)
	s := &sheet{width: stdWidth, height: stdHeight + 10, title: orText(f.Title, "Discrimination threshold"), note: f.Note, panels: []panel{{plot: p}}}
	for _, fig := range thresholdFigures {
		lo, mid, hi := f.bands(fig.of)
		c := fewColours[fig.colour]
		x := make([]float64, len(mid))
		xy := make(plotter.XYs, len(mid))
		for i, v := range mid {
			x[i] = float64(i) / thresholdSteps
			xy[i] = plotter.XY{X: x[i], Y: v}
		}
		if len(f.Trials) > 1 {
			addBand(p, x, lo, hi, c)
		}
		addLine(p, thin(xy), stroke{colour: c})
		s.legend = append(s.legend, key{text: fig.name, colour: c})
	}
	at, best := f.Best()
	addLine(p, plotter.XYs{{X: at, Y: 0}, {X: at, Y: 1}}, stroke{colour: ink, dashes: dashed, width: 1})
	s.legend = append(s.legend, key{text: fmt.Sprintf("best F1: %.3f at threshold %.3f", best, at), colour: ink, dashes: dashed})
	if len(f.Trials) > 1 {
		band := fmt.Sprintf("Lines are medians, bands the 10th to the 90th percentile of %d trials.", len(f.Trials))
		s.note = strings.TrimSpace(s.note + "\n" + band)
	}
	unit(&p.X)
	unit(&p.Y)
	p.X.Scale, p.Y.Scale = plot.LinearScale{}, plot.LinearScale{}
	return s, nil
}

// check makes sure that thresholds between 0 and 1 say something.
func (f Threshold) check(points []metric.Point) error {
	if len(points) == 0 || points[0].TP+points[0].FN == 0 {
		return fmt.Errorf("%w: a trial without positives", ErrData)
	}
	lo, hi := points[len(points)-1].Threshold, points[0].Threshold
	if math.IsInf(hi, 1) && len(points) > 1 {
		hi = points[1].Threshold
	}
	if lo < 0 || hi > 1 {
		return fmt.Errorf("%w: scores from %v to %v are no probabilities", ErrData, lo, hi)
	}
	return nil
}

// Best returns the threshold whose median F1 over the trials is best, and that F1.
func (f Threshold) Best() (threshold, f1 float64) {
	if len(f.Trials) == 1 {
		b := metric.BestThreshold(f.Trials[0], metric.Point.F1)
		return min(1, b.Threshold), b.F1()
	}
	_, mid, _ := f.bands(metric.Point.F1)
	at := 0
	for i, v := range mid {
		if v > mid[at] {
			at = i
		}
	}
	return float64(at) / thresholdSteps, mid[at]
}

// bands returns the 10th percentile, the median and the 90th of a figure at each threshold.
func (f Threshold) bands(of func(metric.Point) float64) (lo, mid, hi []float64) {
	values := make([]float64, len(f.Trials))
	for i := range thresholdSteps + 1 {
		for k, points := range f.Trials {
			values[k] = of(metric.AtThreshold(points, float64(i)/thresholdSteps))
		}
		slices.Sort(values)
		lo, mid, hi = append(lo, plotting(values, .1)), append(mid, plotting(values, .5)), append(hi, plotting(values, .9))
	}
	return lo, mid, hi
}

// plotting returns the q-quantile of sorted numbers as scikit-yb takes it, SciPy's mquantiles: the k-th of n numbers
// is the quantile (k-.4)/(n+.2) (Cunnane 1978).
func plotting(sorted []float64, q float64) float64 {
	n := len(sorted)
	at := max(0, min(float64(n-1), q*(float64(n)+.2)+.4-1))
	i := min(int(at), max(0, n-2))
	if i+1 >= n {
		return sorted[0]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
