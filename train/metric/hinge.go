package metric

import (
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// signs returns targets of -1 and 1: where all are 0 or 1, those become -1 and 1, else they stay.
func signs(b batch) batch {
	for _, v := range b.t {
		if v != 0 && v != 1 {
			return b
		}
	}
	t := make([]float32, len(b.t))
	for i, v := range b.t {
		t[i] = 2*v - 1
	}
	b.t = t
	return b
}

// hinge is the update of a mean of f(max(1-tp, 0)).
func (m *mean) hinge(yTrue, yPred, weight tensor.Any, f func(float64) float64) error {
	b, err := newBatch(yTrue, yPred, weight)
	if err != nil {
		return err
	}
	return m.measure(signs(b), 1, func(t, p []float32) float64 {
		return f(math.Max(1-float64(t[0])*float64(p[0]), 0))
	})
}

// Hinge is the mean of max(1-tp, 0). Targets are -1 and 1; a batch of zeros and ones is taken for those.
type Hinge struct {
	down
	mean
}

// Name returns hinge.
func (*Hinge) Name() string { return "hinge" }

// Update adds a batch; see [Metric].
func (m *Hinge) Update(yTrue, yPred, weight tensor.Any) error {
	return m.hinge(yTrue, yPred, weight, func(v float64) float64 { return v })
}

// SquaredHinge is the mean of max(1-tp, 0)^2, for targets as in [Hinge].
type SquaredHinge struct {
	down
	mean
}

// Name returns squared_hinge.
func (*SquaredHinge) Name() string { return "squared_hinge" }

// Update adds a batch; see [Metric].
func (m *SquaredHinge) Update(yTrue, yPred, weight tensor.Any) error {
	return m.hinge(yTrue, yPred, weight, func(v float64) float64 { return v * v })
}

// CategoricalHinge is the mean over rows of max(neg-pos+1, 0), where pos is the sum of tp and neg the largest
// (1-t)p.
type CategoricalHinge struct {
	down
	mean
}

// Name returns categorical_hinge.
func (*CategoricalHinge) Name() string { return "categorical_hinge" }

// Update adds a batch; see [Metric].
func (m *CategoricalHinge) Update(yTrue, yPred, weight tensor.Any) error {
	return m.rows(yTrue, yPred, weight, func(t, p []float32) float64 {
		pos, neg := 0.0, math.Inf(-1)
		for i := range t {
			a, b := float64(t[i]), float64(p[i])
			pos += a * b
			neg = math.Max(neg, (1-a)*b)
		}
		return math.Max(neg-pos+1, 0)
	})
}
