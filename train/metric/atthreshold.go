package metric

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tradeoff finds the best of one figure among the thresholds at which another is large enough.
type tradeoff struct {
	up
	state *thresholds
}

// Reset forgets.
func (m *tradeoff) Reset() { m.state = nil }

func (m *tradeoff) update(yTrue, yPred, weight tensor.Any, least float64, n int, class *int) error {
	if !(least >= 0 && least <= 1) {
		return fmt.Errorf("%w: %v is outside [0,1]", ErrValue, least)
	}
	if n == 0 {
		n = 200
	}
	if n < 1 || n > 1<<20 {
		return fmt.Errorf("%w: %d thresholds", ErrValue, n)
	}
	b, err := newBatch(yTrue, yPred, weight)
	if err != nil {
		return err
	}
	if b, err = pickClass(b, class); err != nil {
		return err
	}
	if m.state == nil {
		m.state = oneLabel(n)
	}
	m.state.add(b, nil)
	return nil
}

// oneLabel makes the table of n thresholds.
func oneLabel(n int) *thresholds {
	if n == 1 {
		return newThresholds([]float64{.5}, false, 1)
	}
	return newThresholds(evenly(n, 0), true, 1)
}

// best returns the largest of a figure where the other one is at least what is asked for, 0 where it never is.
func (m *tradeoff) best(least float64, constrained, figure func(counts) float64) float64 {
	if m.state == nil {
		return 0
	}
	if m.state.nan {
		return math.NaN()
	}
	best := 0.0
	for _, c := range m.state.table(0) {
		// Keras compares float32 numbers.
		if float32(constrained(c)) >= float32(least) {
			best = max(best, figure(c))
		}
	}
	return best
}

// SensitivityAtSpecificity is the best recall among thresholds with a specificity TN / (TN+FP) of at least
// Specificity.
type SensitivityAtSpecificity struct {
	tradeoff
	Specificity   float64
	NumThresholds int  // that are tried, evenly from 0 to 1; 0 is 200
	Class         *int // the column to look at; nil takes all columns
}

// Name returns sensitivity_at_specificity.
func (*SensitivityAtSpecificity) Name() string { return "sensitivity_at_specificity" }

// Update adds a batch; see [Metric].
func (m *SensitivityAtSpecificity) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update(yTrue, yPred, weight, m.Specificity, m.NumThresholds, m.Class)
}

// Result returns the recall; see [Metric].
func (m *SensitivityAtSpecificity) Result() float64 {
	return m.best(m.Specificity, counts.specificity, counts.recall)
}

// SpecificityAtSensitivity is the best specificity TN / (TN+FP) among thresholds with a recall of at least
// Sensitivity.
type SpecificityAtSensitivity struct {
	tradeoff
	Sensitivity   float64
	NumThresholds int  // that are tried, evenly from 0 to 1; 0 is 200
	Class         *int // the column to look at; nil takes all columns
}

// Name returns specificity_at_sensitivity.
func (*SpecificityAtSensitivity) Name() string { return "specificity_at_sensitivity" }

// Update adds a batch; see [Metric].
func (m *SpecificityAtSensitivity) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update(yTrue, yPred, weight, m.Sensitivity, m.NumThresholds, m.Class)
}

// Result returns the specificity; see [Metric].
func (m *SpecificityAtSensitivity) Result() float64 {
	return m.best(m.Sensitivity, counts.recall, counts.specificity)
}

// PrecisionAtRecall is the best precision among thresholds with a recall of at least Recall.
type PrecisionAtRecall struct {
	tradeoff
	Recall        float64
	NumThresholds int  // that are tried, evenly from 0 to 1; 0 is 200
	Class         *int // the column to look at; nil takes all columns
}

// Name returns precision_at_recall.
func (*PrecisionAtRecall) Name() string { return "precision_at_recall" }

// Update adds a batch; see [Metric].
func (m *PrecisionAtRecall) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update(yTrue, yPred, weight, m.Recall, m.NumThresholds, m.Class)
}

// Result returns the precision; see [Metric].
func (m *PrecisionAtRecall) Result() float64 {
	return m.best(m.Recall, counts.recall, counts.precision)
}

// RecallAtPrecision is the best recall among thresholds with a precision of at least Precision.
type RecallAtPrecision struct {
	tradeoff
	Precision     float64
	NumThresholds int  // that are tried, evenly from 0 to 1; 0 is 200
	Class         *int // the column to look at; nil takes all columns
}

// Name returns recall_at_precision.
func (*RecallAtPrecision) Name() string { return "recall_at_precision" }

// Update adds a batch; see [Metric].
func (m *RecallAtPrecision) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update(yTrue, yPred, weight, m.Precision, m.NumThresholds, m.Class)
}

// Result returns the recall; see [Metric].
func (m *RecallAtPrecision) Result() float64 {
	return m.best(m.Precision, counts.precision, counts.recall)
}
