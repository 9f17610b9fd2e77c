package metric

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Average is how scores of classes become one.
type Average uint8

// The averages of [FBetaScore].
const (
	Macro    Average = iota // the mean over classes; where Keras's average=None is wanted, [FBetaScore.Classes] has the scores
	Micro                   // all classes' decisions counted together
	Weighted                // the mean weighted by how often a class is the target
)

var averages = []string{"macro", "micro", "weighted"}

// String returns Keras's name of the average.
func (a Average) String() string { return wordOf(averages, int(a)) }

// FBetaScore weighs recall against precision: (1+b^2) P R / (b^2 P + R). Keras adds 1e-7 to the denominators.
type FBetaScore struct {
	up
	Average Average
	// Beta is how many times as much recall counts as precision; 0 is 1.
	Beta float64
	// Threshold is what a prediction must be larger than to be positive. With nil those are that equal their
	// row's largest, unless that is zero.
	Threshold *float64

	tp, fp, fn, truth []float64 // by class
	nan               bool
}

// Name returns fbeta_score.
func (*FBetaScore) Name() string { return "fbeta_score" }

// Reset forgets.
func (m *FBetaScore) Reset() { m.tp, m.fp, m.fn, m.truth, m.nan = nil, nil, nil, nil, false }

// Update adds a batch of targets and predictions [n,c]; see [Metric].
func (m *FBetaScore) Update(yTrue, yPred, weight tensor.Any) error {
	b, err := newBatch(yTrue, yPred, weight)
	if err != nil {
		return err
	}
	if len(b.shape) != 2 || b.shape[1] == 0 {
		return fmt.Errorf("%w: predictions must be [n,c], got %v", ErrShape, b.shape)
	}
	if m.Beta < 0 || math.IsNaN(m.Beta) || m.Average > Weighted {
		return fmt.Errorf("%w: beta %v, average %d", ErrValue, m.Beta, m.Average)
	}
	c := b.shape[1]
	if m.tp == nil {
		m.tp, m.fp, m.fn, m.truth = make([]float64, c), make([]float64, c), make([]float64, c), make([]float64, c)
	}
	if c != len(m.tp) {
		return fmt.Errorf("%w: %d classes after batches of %d", ErrShape, c, len(m.tp))
	}
	m.nan = m.nan || anyNaN(b.t) || anyNaN(b.p) || anyNaN64(b.w)
	b.each(func(i int, w float64) {
		row := b.p[i/c*c : i/c*c+c]
		t, class := float64(b.t[i]), i%c
		if m.positive(b.p[i], row) {
			m.tp[class] += t * w
			m.fp[class] += (1 - t) * w
		} else {
			m.fn[class] += t * w
		}
		m.truth[class] += t * w
	})
	return nil
}

func (m *FBetaScore) positive(p float32, row []float32) bool {
	if m.Threshold != nil {
		return p > float32(*m.Threshold)
	}
	return p >= row[argmax(row)] && math.Abs(float64(p)) > 1e-9
}

// Classes returns the score of each class, nil before the first update.
func (m *FBetaScore) Classes() []float64 {
	if m.tp == nil {
		return nil
	}
	scores := make([]float64, len(m.tp))
	for i := range scores {
		scores[i] = m.score(m.tp[i], m.fp[i], m.fn[i])
	}
	return scores
}

func (m *FBetaScore) score(tp, fp, fn float64) float64 {
	if m.nan {
		return math.NaN()
	}
	beta := m.Beta
	if beta == 0 {
		beta = 1
	}
	precision, recall := tp/(tp+fp+epsilon), tp/(tp+fn+epsilon)
	return (1 + beta*beta) * precision * recall / (beta*beta*precision + recall + epsilon)
}

// Result returns the average; see [Metric].
func (m *FBetaScore) Result() float64 {
	if m.tp == nil {
		return 0
	}
	if m.Average == Micro {
		return m.score(sum(m.tp), sum(m.fp), sum(m.fn))
	}
	result := 0.0
	for i, score := range m.Classes() {
		if m.Average == Weighted {
			result += score * m.truth[i] / (sum(m.truth) + epsilon)
		} else {
			result += score / float64(len(m.tp))
		}
	}
	return result
}

func sum(values []float64) float64 {
	s := 0.0
	for _, v := range values {
		s += v
	}
	return s
}

// F1Score is the harmonic mean of precision and recall: [FBetaScore] with Beta 1.
type F1Score struct {
	up
	Average   Average
	Threshold *float64 // as in [FBetaScore]
	score     FBetaScore
}

// Name returns f1_score.
func (*F1Score) Name() string { return "f1_score" }

// Update adds a batch of targets and predictions [n,c]; see [Metric].
func (m *F1Score) Update(yTrue, yPred, weight tensor.Any) error {
	m.score.Average, m.score.Threshold = m.Average, m.Threshold
	return m.score.Update(yTrue, yPred, weight)
}

// Result returns the average; see [Metric].
func (m *F1Score) Result() float64 { return m.score.Result() }

// Reset forgets.
func (m *F1Score) Reset() { m.score.Reset() }

// Classes returns the score of each class, nil before the first update.
func (m *F1Score) Classes() []float64 { return m.score.Classes() }
