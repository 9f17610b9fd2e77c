package report

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
)

// LearningCurve draws a figure over the number of examples that a model was trained on. A gap between training
// and validation that stays shows variance, two bad lines that meet show bias. Of repeated trainings each line
// is the mean, and a band holds one standard deviation to both sides.
type LearningCurve struct {
	Sizes      []int       // of the training set, ascending
	Training   [][]float64 // by size, a number for each repetition
	Validation [][]float64 // as Training
	Figure     string      // what the numbers are, such as accuracy
	Title      string      // empty for a plain one
}

func (f LearningCurve) sheet() (*sheet, error) {
	n := len(f.Sizes)
	if n == 0 || len(f.Training) != n || len(f.Validation) != n {
		return nil, fmt.Errorf("%w: %d sizes with %d and %d lists of figures", ErrData, n, len(f.Training), len(f.Validation))
	}
	p := newPlot("training examples", orText(f.Figure, "score"))
	s := &sheet{width: stdWidth, height: stdHeight, title: orText(f.Title, "Learning curve"), panels: []panel{{plot: p}}}
	x := make([]float64, n)
	for i, size := range f.Sizes {
		x[i] = float64(size)
	}
	repeated := false
	var all [][]float64
	for _, part := range []struct {
		name   string
		values [][]float64
	}{{partTrain, f.Training}, {partValidation, f.Validation}} {
		c := partColour(part.name, 0)
		lo, hi := make([]float64, n), make([]float64, n)
		xy := make(plotter.XYs, n)
		for i, values := range part.values {
			mean, dev := meanDeviation(values)
			xy[i] = plotter.XY{X: x[i], Y: mean}
			lo[i], hi[i] = mean-dev, mean+dev
			repeated = repeated || len(values) > 1
		}
		if repeated {
			addBand(p, x, lo, hi, c)
		}
		addLine(p, xy, stroke{colour: c, markers: true})
		s.legend = append(s.legend, key{text: part.name, colour: c})
		all = append(all, lo, hi)
	}
	if repeated {
		s.note = "Lines are means of repeated trainings, bands one standard deviation."
	}
	lo, hi := bounds(all...)
	p.Y.Min, p.Y.Max = spread(lo, hi, .06)
	p.X.Min, p.X.Max = 0, x[n-1]
	p.X.Tick.Marker = steps{most: 7, whole: true}
	return s, nil
}

// meanDeviation returns the mean and the standard deviation of the finite values.
func meanDeviation(values []float64) (mean, dev float64) {
	n := 0.0
	for _, v := range values {
		if finite(v) {
			n++
			mean += v
		}
	}
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	mean /= n
	for _, v := range values {
		if finite(v) {
			dev += (v - mean) * (v - mean)
		}
	}
	return mean, math.Sqrt(dev / n)
}
