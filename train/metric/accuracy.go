package metric

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// bit is 1 for true. A NaN that was compared makes it NaN.
func bit(equal bool, compared ...float64) float64 {
	for _, v := range compared {
		if math.IsNaN(v) {
			return v
		}
	}
	if equal {
		return 1
	}
	return 0
}

// Accuracy is the share of predictions that equal their targets exactly.
type Accuracy struct {
	up
	mean
}

// Name returns accuracy.
func (*Accuracy) Name() string { return "accuracy" }

// Update adds a batch; see [Metric].
func (m *Accuracy) Update(yTrue, yPred, weight tensor.Any) error {
	return m.elements(yTrue, yPred, weight, func(t, p float64) float64 { return bit(t == p, t, p) })
}

// BinaryAccuracy is the share of predictions on the targets' side of a threshold: p > threshold counts as 1.
type BinaryAccuracy struct {
	up
	mean
	Threshold *float64 // nil is 0.5
}

// Name returns binary_accuracy.
func (*BinaryAccuracy) Name() string { return "binary_accuracy" }

// Update adds a batch; see [Metric].
func (m *BinaryAccuracy) Update(yTrue, yPred, weight tensor.Any) error {
	threshold := float64(float32(orDefault(m.Threshold, .5)))
	return m.elements(yTrue, yPred, weight, func(t, p float64) float64 {
		side := 0.0
		if p > threshold {
			side = 1
		}
		return bit(t == side, t, p)
	})
}

// CategoricalAccuracy is the share of rows whose largest prediction is where the largest target is. Of equal
// elements the first counts.
type CategoricalAccuracy struct {
	up
	mean
}

// Name returns categorical_accuracy.
func (*CategoricalAccuracy) Name() string { return "categorical_accuracy" }

// Update adds a batch of targets and predictions [n,c]; see [Metric].
func (m *CategoricalAccuracy) Update(yTrue, yPred, weight tensor.Any) error {
	if yPred.Shape().Rank() < 2 {
		return fmt.Errorf("%w: predictions %s have no column for each class", ErrShape, describe(yPred))
	}
	return m.rows(yTrue, yPred, weight, func(t, p []float32) float64 {
		if anyNaN(t) || anyNaN(p) {
			return math.NaN()
		}
		return bit(argmax(t) == argmax(p))
	})
}

// SparseCategoricalAccuracy is the share of rows whose largest prediction is at the class that the target names.
type SparseCategoricalAccuracy struct {
	up
	mean
}

// Name returns sparse_categorical_accuracy.
func (*SparseCategoricalAccuracy) Name() string { return "sparse_categorical_accuracy" }

// Update adds a batch of class numbers [n] or [n,1] and predictions [n,c]; see [Metric].
func (m *SparseCategoricalAccuracy) Update(yTrue, yPred, weight tensor.Any) error {
	return m.sparseRows(yTrue, yPred, weight, func(class int, p []float32) float64 {
		if anyNaN(p) {
			return math.NaN()
		}
		return bit(argmax(p) == class)
	})
}

// sparseRows is the update of a metric that is the mean of f over class numbers and their rows of predictions.
func (m *mean) sparseRows(yTrue, yPred, weight tensor.Any, f func(class int, p []float32) float64) error {
	c, err := sparse(yTrue, yPred)
	if err != nil {
		return err
	}
	classes, err := labels("target", yTrue, c)
	if err != nil {
		return err
	}
	p, err := floats("predictions", yPred)
	if err != nil {
		return err
	}
	shape := yPred.Shape()
	w, err := weights(weight, shape[:len(shape)-1])
	if err != nil {
		return err
	}
	values := m.room(len(classes))
	for i, class := range classes {
		values[i] = f(class, p[i*c:(i+1)*c])
	}
	return m.addValues(values, w, shape[0])
}

// inTopK is 1 where fewer than k elements are larger than the one at the class.
func inTopK(class int, p []float32, k int) float64 {
	if anyNaN(p) {
		return math.NaN()
	}
	larger := 0
	for _, v := range p {
		if v > p[class] {
			larger++
		}
	}
	return bit(larger < k)
}

// checkK returns k, 5 for 0.
func checkK(k int) (int, error) {
	if k < 0 {
		return 0, fmt.Errorf("%w: the best %d of the predictions", ErrValue, k)
	}
	if k == 0 {
		return 5, nil
	}
	return k, nil
}

// TopKCategoricalAccuracy is the share of rows in which fewer than K predictions are larger than the one at the
// largest target.
type TopKCategoricalAccuracy struct {
	up
	mean
	K int // 0 is 5
}

// Name returns top_k_categorical_accuracy.
func (*TopKCategoricalAccuracy) Name() string { return "top_k_categorical_accuracy" }

// Update adds a batch of targets and predictions [n,c]; see [Metric].
func (m *TopKCategoricalAccuracy) Update(yTrue, yPred, weight tensor.Any) error {
	k, err := checkK(m.K)
	if err != nil {
		return err
	}
	if yPred.Shape().Rank() < 2 {
		return fmt.Errorf("%w: predictions %s have no column for each class", ErrShape, describe(yPred))
	}
	return m.rows(yTrue, yPred, weight, func(t, p []float32) float64 {
		if anyNaN(t) {
			return math.NaN()
		}
		return inTopK(argmax(t), p, k)
	})
}

// SparseTopKCategoricalAccuracy is the share of rows in which fewer than K predictions are larger than the one
// of the class that the target names.
type SparseTopKCategoricalAccuracy struct {
	up
	mean
	K int // 0 is 5
}

// Name returns sparse_top_k_categorical_accuracy.
func (*SparseTopKCategoricalAccuracy) Name() string { return "sparse_top_k_categorical_accuracy" }

// Update adds a batch of class numbers [n] or [n,1] and predictions [n,c]; see [Metric].
func (m *SparseTopKCategoricalAccuracy) Update(yTrue, yPred, weight tensor.Any) error {
	k, err := checkK(m.K)
	if err != nil {
		return err
	}
	return m.sparseRows(yTrue, yPred, weight, func(class int, p []float32) float64 { return inTopK(class, p, k) })
}
