package metric

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Scores keeps every prediction of a binary classifier with its target, for exact curves. The zero value is
// ready.
type Scores struct {
	samples []scored
	nan     bool
}

type scored struct {
	score, weight float64
	positive      bool
}

// Update adds a batch; see [Metric]. Elements of several columns are taken together.
func (s *Scores) Update(yTrue, yPred, weight tensor.Any) error {
	b, err := newBatch(yTrue, yPred, weight)
	if err != nil {
		return err
	}
	s.nan = s.nan || anyNaN(b.t) || anyNaN(b.p) || anyNaN64(b.w)
	s.samples = slices.Grow(s.samples, len(b.p))
	b.each(func(i int, w float64) {
		s.samples = append(s.samples, scored{float64(b.p[i]), w, b.t[i] != 0})
	})
	return nil
}

// Reset forgets.
func (s *Scores) Reset() { *s = Scores{} }

// Len returns how many predictions are held.
func (s *Scores) Len() int { return len(s.samples) }

// A Point is what comes of a threshold: a score of at least Threshold is a positive decision. The counts are
// by weight.
type Point struct{ Threshold, TP, FP, TN, FN float64 }

func (p Point) counts() counts { return counts{p.TP, p.FP, p.TN, p.FN} }

// Recall returns TP / (TP+FN), which is also the rate of true positives and the sensitivity; 0 without positives.
func (p Point) Recall() float64 { return p.counts().recall() }

// FalsePositiveRate returns FP / (FP+TN), 0 without negatives.
func (p Point) FalsePositiveRate() float64 { return divide(p.FP, p.FP+p.TN) }

// Specificity returns TN / (TN+FP), 0 without negatives.
func (p Point) Specificity() float64 { return p.counts().specificity() }

// Precision returns TP / (TP+FP), and 1 where no decision is positive: the curve's end, as scikit-learn draws it.
func (p Point) Precision() float64 {
	if p.TP+p.FP == 0 {
		return 1
	}
	return p.counts().precision()
}

// F1 returns 2 TP / (2 TP + FP + FN), 0 where that is 0/0.
func (p Point) F1() float64 { return divide(2*p.TP, 2*p.TP+p.FP+p.FN) }

// QueueRate returns the share of positive decisions, which is what someone has to look at: (TP+FP) / all.
func (p Point) QueueRate() float64 { return divide(p.TP+p.FP, p.TP+p.FP+p.TN+p.FN) }

// Accuracy returns the share of right decisions.
func (p Point) Accuracy() float64 { return divide(p.TP+p.TN, p.TP+p.FP+p.TN+p.FN) }

// Points returns what comes of every threshold that makes a difference: infinity, at which nothing is positive,
// then each score that occurs, downwards. NaN among scores, targets or weights is an error, and so is no score
// at all.
func (s *Scores) Points() ([]Point, error) {
	if s.nan {
		return nil, fmt.Errorf("%w: a score, a target or a weight is NaN", ErrValue)
	}
	if len(s.samples) == 0 {
		return nil, fmt.Errorf("%w: no scores", ErrValue)
	}
	sorted := slices.Clone(s.samples)
	slices.SortStableFunc(sorted, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	points := []Point{{Threshold: math.Inf(1)}}
	tp, fp := 0.0, 0.0
	for i, v := range sorted {
		if v.positive {
			tp += v.weight
		} else {
			fp += v.weight
		}
		if i+1 == len(sorted) || sorted[i+1].score != v.score {
			if math.IsInf(v.score, 1) {
				points = points[:0] // the score is infinity itself
			}
			points = append(points, Point{Threshold: v.score, TP: tp, FP: fp})
		}
	}
	for i := range points {
		points[i].FN, points[i].TN = tp-points[i].TP, fp-points[i].FP
	}
	return points, nil
}

// AtThreshold returns what comes of a threshold, given the points of [Scores.Points].
func AtThreshold(points []Point, threshold float64) Point {
	i, _ := slices.BinarySearchFunc(points, threshold, func(p Point, t float64) int {
		if p.Threshold >= t {
			return -1
		}
		return 1
	})
	p := points[max(0, i-1)]
	p.Threshold = threshold
	return p
}

// BestThreshold returns the point with the largest figure, such as [Point.F1]; of equal ones that with the
// highest threshold.
func BestThreshold(points []Point, figure func(Point) float64) Point {
	best := points[0]
	for _, p := range points[1:] {
		if figure(p) > figure(best) {
			best = p
		}
	}
	return best
}

// AreaROC returns the area under recall over the rate of false positives: the probability that a positive
// scores higher than a negative, ties counting half. It is NaN where either is missing.
func AreaROC(points []Point) float64 {
	last := points[len(points)-1]
	area, x, y := 0.0, 0.0, 0.0
	for _, p := range points {
		area += (p.FP - x) * (p.TP + y) / 2
		x, y = p.FP, p.TP
	}
	return area / (last.TP * last.FP)
}

// AveragePrecision returns the sum of precision times the growth of recall over the thresholds, which is the
// area under the precision-recall curve without interpolation. It is NaN without positives.
func AveragePrecision(points []Point) float64 {
	sum, tp := 0.0, 0.0
	for _, p := range points {
		sum += p.Precision() * (p.TP - tp)
		tp = p.TP
	}
	return sum / tp
}

// ExactAUC is the area under a curve of all scores: [AreaROC] for ROC, [AveragePrecision] for PR. It keeps
// every prediction; [AUC] is the approximation by thresholds that Keras reports.
type ExactAUC struct {
	up
	Curve  Curve
	scores Scores
}

// Name returns exact_auc.
func (*ExactAUC) Name() string { return "exact_auc" }

// Update adds a batch; see [Metric].
func (m *ExactAUC) Update(yTrue, yPred, weight tensor.Any) error {
	if m.Curve > PR {
		return fmt.Errorf("%w: an exact area is of ROC or PR", ErrValue)
	}
	return m.scores.Update(yTrue, yPred, weight)
}

// Result returns the area, 0 before the first update and NaN where it is not defined; see [Metric].
func (m *ExactAUC) Result() float64 {
	if m.scores.Len() == 0 {
		return 0
	}
	points, err := m.scores.Points()
	switch {
	case err != nil:
		return math.NaN()
	case m.Curve == PR:
		return AveragePrecision(points)
	}
	return AreaROC(points)
}

// Reset forgets.
func (m *ExactAUC) Reset() { m.scores.Reset() }
