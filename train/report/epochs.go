package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/metric"
)

// Epochs draws a figure of a training by epoch: that of the training data, and where there is one that of the
// validation data, with the best epoch marked.
type Epochs struct {
	History *train.History
	Figure  string // loss or a metric's name, without val_
	Title   string // empty for one made of the figure's name
	// Mode, min or max, says which epoch is the best. Where it is empty or auto, the figure's name tells; where that
	// is no loss and no metric of package metric, no epoch is marked.
	Mode string
}

const (
	epochMarkers = 40  // the most epochs whose points are marked one by one
	manyEpochs   = 200 // from here on lines are thinner
)

func (f Epochs) sheet() (*sheet, error) {
	training, validation := f.History.Column(f.Figure), f.History.Column("val_"+f.Figure)
	if len(training) == 0 {
		return nil, fmt.Errorf("%w: the history has no figure %q, or no epoch", ErrData, f.Figure)
	}
	s := &sheet{width: stdWidth, height: stdHeight, title: f.Title}
	name := spoken(f.Figure)
	if s.title == "" {
		s.title = capital(name) + " by epoch"
	}
	p := newPlot("epoch", name)
	lo, hi := bounds(training, validation)
	log := lo > 0 && hi/lo >= 100
	if log {
		p.Y.Label.Text += " (logarithmic)"
		p.Y.Tick.Marker = decades{}
		lo, hi = math.Log10(lo), math.Log10(hi)
	}
	better, err := f.better()
	if err != nil {
		return nil, err
	}
	if validation == nil {
		f.add(p, s, partTrain, training, better, log)
	} else {
		f.add(p, s, partTrain, training, nil, log)
		f.add(p, s, partValidation, validation, better, log)
	}
	p.Y.Min, p.Y.Max = spread(lo, hi, .05)
	p.X.Min, p.X.Max = 1, float64(len(training))
	if len(training) == 1 {
		p.X.Min, p.X.Max = .5, 1.5
	}
	if lost := notFinite(training) + notFinite(validation); lost > 0 {
		s.note = fmt.Sprintf("Gaps: %s figures are not finite.", figures(float64(lost)))
	}
	p.X.Tick.Marker = steps{most: 8, whole: true}
	s.panels = []panel{{plot: p}}
	return s, nil
}

// better returns what tells that a figure is better than another, nil where that is not known.
func (f Epochs) better() (func(a, b float64) bool, error) {
	less, more := func(a, b float64) bool { return a < b }, func(a, b float64) bool { return a > b }
	switch f.Mode {
	case "min":
		return less, nil
	case "max":
		return more, nil
	case "", "auto":
		switch higher, known := higherIsBetter(f.Figure); {
		case !known:
			return nil, nil
		case higher:
			return more, nil
		}
		return less, nil
	}
	return nil, fmt.Errorf("%w: mode %q of %s; there are auto, min, max", ErrData, f.Mode, f.Figure)
}

// higherIsBetter tells by its name whether a training tries to raise a figure or to lower it. The name may begin with
// an output's and end in the number by which Keras tells equal names apart: price_loss, sold_auc_1.
func higherIsBetter(figure string) (higher, known bool) {
	if at := strings.LastIndexByte(figure, '_'); at >= 0 && strings.Trim(figure[at+1:], "0123456789") == "" {
		figure = figure[:at]
	}
	for rest := "_" + figure; rest != ""; {
		_, rest, _ = strings.Cut(rest, "_")
		switch rest {
		case "loss", "false_positives", "false_negatives":
			return false, true
		case "true_positives", "true_negatives", "fbeta_score", "io_u": // the last two have no form without arguments
			return true, true
		}
		if m, err := metric.Parse(rest); err == nil {
			return metric.HigherIsBetter(m)
		}
		if !strings.Contains(rest, "_") {
			break
		}
	}
	return false, false
}

// add draws one part's line and its key; better, where it is not nil, tells which epoch is marked as the best. Where
// log is set the axis has the numbers' logarithms.
func (f Epochs) add(p *plot.Plot, s *sheet, part string, values []float64, better func(a, b float64) bool, log bool) {
	c := partColour(part, 0)
	xy := make(plotter.XYs, len(values))
	at := -1
	for i, v := range values {
		xy[i] = plotter.XY{X: float64(i + 1), Y: v}
		if log {
			xy[i].Y = math.Log10(v)
		}
		if better != nil && finite(v) && (at < 0 || better(v, values[at])) {
			at = i
		}
	}
	line := stroke{colour: c, markers: len(values) <= epochMarkers}
	if len(values) > manyEpochs {
		line.width = .9
	}
	addLine(p, decimate(xy), line)
	text := part
	if at >= 0 {
		text += fmt.Sprintf(" (best %s, epoch %d)", figures(values[at]), at+1)
		if finite(xy[at].Y) {
			addDots(p, plotter.XYs{xy[at]}, c, 3.6)
			addDots(p, plotter.XYs{xy[at]}, paper, 1.9)
		}
	}
	s.legend = append(s.legend, key{text: text, colour: c})
}

// figures writes a number with four significant digits.
func figures(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "−∞"
	case v == math.Trunc(v) && a < 1e15:
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	case a >= 1e7 || a < 1e-4:
		return scientific(v)
	default:
		digits := max(0, 3-int(math.Floor(math.Log10(a))))
		return grouped(strconv.FormatFloat(v, 'f', min(digits, 6), 64))
	}
}

// spoken turns a figure's name into words: mean_squared_error, auc.
func spoken(name string) string {
	parts := strings.Split(name, "_")
	for i, p := range parts {
		switch p {
		case "auc", "mae", "mse", "mape", "msle", "iou", "kl":
			parts[i] = strings.ToUpper(p)
		case "f1", "r2":
			parts[i] = map[string]string{"f1": "F1", "r2": "R²"}[p]
		}
	}
	return strings.Join(parts, " ")
}

// capital begins with a capital letter.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// short writes a number without the zeros behind it.
func short(v float64) string {
	s := figures(v)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
