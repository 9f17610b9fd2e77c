package report

import (
	"fmt"

	"gonum.org/v1/plot/plotter"

	"github.com/onnxtool/onnxtool/train/metric"
)

// Curve is what a binary classifier does on one part of the data, at every threshold: what
// [metric.Scores.Points] returns.
type Curve struct {
	Name   string // training, validation and test have colours of their own
	Points []metric.Point
}

// ROC draws receiver operating characteristics: recall over the rate of false positives, with the area under
// each, and the point of the threshold in use.
type ROC struct {
	Curves    []Curve
	Title     string  // empty for a plain one
	Threshold float64 // in use; 0 is 0.5
	// NoThreshold leaves the point of the threshold out: of several classes the largest score decides.
	NoThreshold bool
}

func (f ROC) sheet() (*sheet, error) {
	p := newPlot("false positive rate", "true positive rate (recall)")
	unit(&p.X)
	unit(&p.Y)
	s := &sheet{width: 4.3 * 72, height: 4.4 * 72, title: orText(f.Title, "Receiver operating characteristic"), panels: []panel{{plot: p}}}
	addLine(p, plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}}, stroke{colour: faint, dashes: dashed, width: .9})
	threshold := orNumber(f.Threshold, .5)
	for i, c := range f.Curves {
		positives, negatives, err := c.check()
		if err != nil {
			return nil, err
		}
		if positives == 0 || negatives == 0 {
			return nil, fmt.Errorf("%w: the ROC of %s needs positives and negatives", ErrData, c.Name)
		}
		xy := plotter.XYs{{X: 0, Y: 0}}
		for _, v := range c.Points {
			xy = append(xy, plotter.XY{X: v.FalsePositiveRate(), Y: v.Recall()})
		}
		colour := partColour(c.Name, i)
		addLine(p, thin(xy), stroke{colour: colour})
		if !f.NoThreshold {
			at := metric.AtThreshold(c.Points, threshold)
			addDots(p, plotter.XYs{{X: at.FalsePositiveRate(), Y: at.Recall()}}, colour, 3)
		}
		s.legend = append(s.legend, key{text: fmt.Sprintf("%s (AUC %.3f)", label(c.Name, 30), metric.AreaROC(c.Points)), colour: colour})
	}
	s.legend = append(s.legend, key{text: "chance (AUC 0.5)", colour: faint, dashes: dashed})
	if !f.NoThreshold {
		s.legend = append(s.legend, key{text: "threshold " + short(threshold), colour: ink, mark: markDot})
	}
	return s, nil
}

// PrecisionRecall draws precision over recall, stepwise, with the average precision of each curve and the
// share of positives, which is what chance reaches.
type PrecisionRecall struct {
	Curves    []Curve
	Title     string  // empty for a plain one
	Threshold float64 // in use; 0 is 0.5
	// NoThreshold leaves the point of the threshold out: of several classes the largest score decides.
	NoThreshold bool
}

func (f PrecisionRecall) sheet() (*sheet, error) {
	p := newPlot("recall", "precision")
	unit(&p.X)
	unit(&p.Y)
	s := &sheet{width: 4.3 * 72, height: 4.4 * 72, title: orText(f.Title, "Precision and recall"), panels: []panel{{plot: p}}}
	threshold := orNumber(f.Threshold, .5)
	for i, c := range f.Curves {
		positives, negatives, err := c.check()
		if err != nil {
			return nil, err
		}
		if positives == 0 {
			return nil, fmt.Errorf("%w: precision and recall of %s need positives", ErrData, c.Name)
		}
		colour := partColour(c.Name, i)
		share := positives / (positives + negatives)
		addLine(p, plotter.XYs{{X: 0, Y: share}, {X: 1, Y: share}}, stroke{colour: colour, dashes: dashed, width: .9})
		addLine(p, thin(precisionSteps(c.Points)), stroke{colour: colour})
		if !f.NoThreshold {
			at := metric.AtThreshold(c.Points, threshold)
			addDots(p, plotter.XYs{{X: at.Recall(), Y: at.Precision()}}, colour, 3)
		}
		s.legend = append(s.legend, key{text: fmt.Sprintf("%s (average precision %.3f)", label(c.Name, 30), metric.AveragePrecision(c.Points)), colour: colour})
		if len(f.Curves) <= fewCurves {
			s.legend = append(s.legend, key{text: fmt.Sprintf("chance (%.3f)", share), colour: colour, dashes: dashed})
		}
	}
	if len(f.Curves) > fewCurves {
		s.legend = append(s.legend, key{text: "chance (share of positives)", colour: faint, dashes: dashed})
	}
	if !f.NoThreshold {
		s.legend = append(s.legend, key{text: "threshold " + short(threshold), colour: ink, mark: markDot})
	}
	return s, nil
}

// fewCurves is the most curves of which each has a key for what chance reaches.
const fewCurves = 3

// precisionSteps returns the steps whose area is the average precision: each threshold's precision holds from
// the recall before it to its own.
func precisionSteps(points []metric.Point) plotter.XYs {
	xy, recall := plotter.XYs{}, 0.0
	for i, v := range points {
		if i == 0 && v.TP+v.FP == 0 {
			continue // nothing is positive: the curve begins with the first decision
		}
		xy = append(xy, plotter.XY{X: recall, Y: v.Precision()}, plotter.XY{X: v.Recall(), Y: v.Precision()})
		recall = v.Recall()
	}
	return xy
}

// check returns the weight of positives and negatives.
func (c Curve) check() (positives, negatives float64, err error) {
	if len(c.Points) == 0 {
		return 0, 0, fmt.Errorf("%w: curve %s has no points", ErrData, c.Name)
	}
	p := c.Points[0]
	return p.TP + p.FN, p.FP + p.TN, nil
}

func orText(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func orNumber(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}
