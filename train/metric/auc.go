package metric

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// thresholds counts decisions at many thresholds at once: what a prediction weighs goes to the bucket of the
// largest threshold below it, and is positive for every threshold up to that.
type thresholds struct {
	at     []float32 // ascending
	even   bool      // equally far apart from 0 to 1, apart from the ends' epsilon
	labels int       // tables, one after the other
	tp, fp []float64 // labels*len(at)
	t, f   []float64 // positive and negative targets below every threshold, by label
	nan    bool
}

// evenly returns n thresholds from 0 to 1; the ends are moved outwards by margin.
func evenly(n int, margin float64) []float64 {
	at := make([]float64, n)
	for i := range at {
		at[i] = float64(i) / float64(n-1)
	}
	at[0], at[n-1] = -margin, 1+margin
	return at
}

// isEven tells whether Keras takes thresholds for evenly distributed: it asks numpy.allclose with atol 1e-7
// about them without the margin.
func isEven(at []float64) bool {
	for i, v := range at {
		e := float64(float32(i) / float32(len(at)-1))
		if math.Abs(min(max(v, 0), 1)-e) > epsilon+1e-5*e {
			return false
		}
	}
	return len(at) >= 3
}

// newThresholds makes tables for a number of labels.
func newThresholds(at []float64, even bool, labels int) *thresholds {
	n := len(at)
	s := &thresholds{at: convert[float32](at), even: even, labels: labels}
	s.tp, s.fp = make([]float64, labels*n), make([]float64, labels*n)
	s.t, s.f = make([]float64, labels), make([]float64, labels)
	return s
}

// bucket returns the position of the largest threshold below p, -1 where there is none.
func (s *thresholds) bucket(p float32) int {
	last := len(s.at) - 1
	if !s.even {
		i, _ := slices.BinarySearchFunc(s.at, p, func(at, p float32) int {
			if at < p {
				return -1
			}
			return 1
		})
		return i - 1
	}
	p = min(max(p, 0), 1)
	b := int(math.Ceil(float64(p*float32(last)))) - 1
	if s.at[0] < 0 {
		b = max(b, 0)
	}
	return b
}

// add counts a batch, whose elements take the labels in turn; scale is each label's weight or nil.
func (s *thresholds) add(b batch, scale []float64) {
	s.nan = s.nan || anyNaN(b.t) || anyNaN(b.p) || anyNaN64(b.w)
	if s.nan {
		return
	}
	n := len(s.at)
	b.each(func(i int, w float64) {
		label := i % s.labels
		if scale != nil {
			w *= scale[i%len(scale)]
		}
		at := s.bucket(b.p[i])
		switch positive := b.t[i] != 0; {
		case positive && at < 0:
			s.t[label] += w
		case positive:
			s.tp[label*n+at] += w
		case at < 0:
			s.f[label] += w
		default:
			s.fp[label*n+at] += w
		}
	})
}

// table returns the counts at each threshold for a label.
func (s *thresholds) table(label int) []counts {
	n := len(s.at)
	out := make([]counts, n)
	tp, fp := 0.0, 0.0
	for i := n - 1; i >= 0; i-- {
		tp += s.tp[label*n+i]
		fp += s.fp[label*n+i]
		out[i] = counts{tp: tp, fp: fp}
	}
	for i := range out {
		out[i].tn, out[i].fn = s.f[label]+fp-out[i].fp, s.t[label]+tp-out[i].tp
	}
	return out
}

// Curve is a curve over all thresholds.
type Curve uint8

// The curves of [AUC].
const (
	ROC    Curve = iota // recall over the rate of false positives
	PR                  // precision over recall
	PRGain              // precision gain over recall gain (Flach and Kull 2015)
)

var curves = []string{"roc", "pr", "prgain"}

// String returns the curve's name in lower case, as Keras takes it.
func (c Curve) String() string { return wordOf(curves, int(c)) }

// Summation is a way to sum up the area between two thresholds.
type Summation uint8

// The ways of [AUC].
const (
	Interpolation Summation = iota // trapezoids; under PR the curve that Davis and Goadrich (2006) derive
	Minoring                       // the lower end's rectangles
	Majoring                       // the upper end's rectangles
)

var summations = []string{"interpolation", "minoring", "majoring"}

// String returns Keras's name of the way.
func (s Summation) String() string { return wordOf(summations, int(s)) }

// wordOf returns the word of a choice, its number where there is none.
func wordOf(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return strconv.Itoa(i)
}

// AUC approximates the area under a curve by decisions at a number of thresholds between 0 and 1. It needs
// memory for the thresholds alone; [ExactAUC] keeps every prediction instead.
type AUC struct {
	up
	Curve         Curve
	Summation     Summation
	NumThresholds int       // evenly from 0 to 1; 0 is 200
	Thresholds    []float64 // or those given here, 0 and 1 added
	MultiLabel    bool      // each column has a curve, the result is the mean of their areas; else all elements share one
	LabelWeights  []float64 // of the columns, in that mean or on their elements
	FromLogits    bool      // predictions go through a sigmoid first
	state         *thresholds
}

// Name returns auc.
func (*AUC) Name() string { return "auc" }

// Reset forgets.
func (m *AUC) Reset() { m.state = nil }

// Update adds a batch; see [Metric].
func (m *AUC) Update(yTrue, yPred, weight tensor.Any) error {
	b, err := newBatch(yTrue, yPred, weight)
	if err != nil {
		return err
	}
	columns := 1
	if len(b.shape) > 1 {
		columns = b.shape[len(b.shape)-1]
	}
	if m.LabelWeights != nil && len(m.LabelWeights) != columns {
		return fmt.Errorf("%w: %d label weights for predictions %v", ErrShape, len(m.LabelWeights), b.shape)
	}
	labels, scale := 1, m.LabelWeights
	if m.MultiLabel {
		if len(b.shape) != 2 {
			return fmt.Errorf("%w: predictions of several labels are [n,labels], got %v", ErrShape, b.shape)
		}
		labels, scale = columns, nil
	}
	state := m.state
	if state == nil {
		if state, err = m.start(labels); err != nil {
			return err
		}
	}
	if labels != state.labels {
		return fmt.Errorf("%w: %d labels after batches of %d", ErrShape, labels, state.labels)
	}
	if m.FromLogits {
		p := make([]float32, len(b.p))
		for i, v := range b.p {
			p[i] = float32(1 / (1 + math.Exp(-float64(v))))
		}
		b.p = p
	}
	state.add(b, scale)
	m.state = state
	return nil
}

// start makes the tables.
func (m *AUC) start(labels int) (*thresholds, error) {
	if m.Curve > PRGain || m.Summation > Majoring {
		return nil, fmt.Errorf("%w: no such curve or summation", ErrValue)
	}
	if m.Thresholds == nil {
		n := m.NumThresholds
		if n == 0 {
			n = 200
		}
		if n < 2 || n > 1<<20 {
			return nil, fmt.Errorf("%w: %d thresholds", ErrValue, n)
		}
		return newThresholds(evenly(n, epsilon), true, labels), nil
	}
	at := slices.Sorted(slices.Values(m.Thresholds))
	for _, v := range at {
		if !(v >= 0 && v <= 1) {
			return nil, fmt.Errorf("%w: threshold %v is outside [0,1]", ErrValue, v)
		}
	}
	at = slices.Concat([]float64{-epsilon}, at, []float64{1 + epsilon})
	return newThresholds(at, isEven(at), labels), nil
}

// Result returns the area; see [Metric].
func (m *AUC) Result() float64 {
	if m.state == nil {
		return 0
	}
	if m.state.nan {
		return math.NaN()
	}
	sum, weights := 0.0, 0.0
	for label := range m.state.labels {
		w := 1.0
		if m.MultiLabel && m.LabelWeights != nil {
			w = m.LabelWeights[label]
		}
		sum += w * m.area(m.state.table(label))
		weights += w
	}
	return divide(sum, weights)
}

// area sums up between neighbouring thresholds, of which the lower one has the larger x.
func (m *AUC) area(table []counts) float64 {
	if m.Curve == PR && m.Summation == Interpolation {
		return prArea(table)
	}
	sum := 0.0
	lastX, lastY := m.point(table[0])
	for _, c := range table[1:] {
		x, y := m.point(c)
		height := (lastY + y) / 2
		switch m.Summation {
		case Minoring:
			height = min(lastY, y)
		case Majoring:
			height = max(lastY, y)
		}
		sum += (lastX - x) * height
		lastX, lastY = x, y
	}
	return sum
}

// point returns where a threshold is on the curve.
func (m *AUC) point(c counts) (x, y float64) {
	switch m.Curve {
	case ROC:
		return divide(c.fp, c.fp+c.tn), c.recall()
	case PR:
		return c.recall(), c.precision()
	}
	if c.tp == 0 {
		return 0, 1
	}
	scale := divide(c.tp+c.fn, c.tn+c.fp)
	return max(1-scale*c.fn/c.tp, 0), 1 - scale*c.fp/c.tp
}

// prArea is the area under the precision-recall curve when true and false positives grow in proportion between
// two thresholds: precision is not linear in recall, and trapezoids promise too much.
func prArea(table []counts) float64 {
	sum := 0.0
	for i, next := range table[1:] {
		c := table[i]
		p, pNext := c.tp+c.fp, next.tp+next.fp
		dtp := c.tp - next.tp
		slope := divide(dtp, max(p-pNext, 0))
		intercept := next.tp - slope*pNext
		ratio := 1.0
		if p > 0 && pNext > 0 {
			ratio = p / pNext
		}
		sum += divide(slope*(dtp+intercept*math.Log(ratio)), max(next.tp+next.fn, 0))
	}
	return sum
}
