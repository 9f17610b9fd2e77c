package metric

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Probabilities are kept off 0 and 1 by 1e-7, in float32 as Keras does: 1-1e-7 is the float below 1.
var (
	lowest  = float64(float32(epsilon))
	highest = float64(float32(1 - epsilon))
)

func clip(v, lo, hi float64) float64 {
	if math.IsNaN(v) {
		return v
	}
	return math.Min(math.Max(v, lo), hi)
}

// KLDivergence is the Kullback-Leibler divergence of the rows in nats, the sum of t log(t/p), with both kept
// between 1e-7 and 1.
type KLDivergence struct {
	down
	mean
}

// Name returns kl_divergence.
func (*KLDivergence) Name() string { return "kl_divergence" }

// Update adds a batch; see [Metric].
func (m *KLDivergence) Update(yTrue, yPred, weight tensor.Any) error {
	return m.rows(yTrue, yPred, weight, func(t, p []float32) float64 {
		sum := 0.0
		for i := range t {
			a, b := clip(float64(t[i]), lowest, 1), clip(float64(p[i]), lowest, 1)
			sum += a * math.Log(a/b)
		}
		return sum
	})
}

// Poisson is the mean of p - t log(p + 1e-7).
type Poisson struct {
	down
	mean
}

// Name returns poisson.
func (*Poisson) Name() string { return "poisson" }

// Update adds a batch; see [Metric].
func (m *Poisson) Update(yTrue, yPred, weight tensor.Any) error {
	return m.elements(yTrue, yPred, weight, func(t, p float64) float64 { return p - t*math.Log(p+epsilon) })
}

// BinaryCrossentropy is the mean of -t log(p) - (1-t) log(1-p) in nats, with p kept 1e-7 off 0 and 1.
type BinaryCrossentropy struct {
	down
	mean
	FromLogits     bool    // the predictions are before the sigmoid
	LabelSmoothing float64 // s moves targets towards 1/2: t(1-s) + s/2
}

// Name returns binary_crossentropy.
func (*BinaryCrossentropy) Name() string { return "binary_crossentropy" }

// Update adds a batch; see [Metric].
func (m *BinaryCrossentropy) Update(yTrue, yPred, weight tensor.Any) error {
	s := m.LabelSmoothing
	return m.elements(yTrue, yPred, weight, func(t, p float64) float64 {
		t = t*(1-s) + s/2
		if m.FromLogits {
			return t*softplus(-p) + (1-t)*softplus(p)
		}
		p = clip(p, lowest, highest)
		return -t*math.Log(p) - (1-t)*math.Log1p(-p)
	})
}

// softplus is log(1+exp(x)) without overflow.
func softplus(x float64) float64 {
	return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

// logProbabilities returns a function that gives the logarithm of a row's probability at a class: of the row's
// softmax for logits, else of the row divided by its sum and kept 1e-7 off 0 and 1.
func logProbabilities(p []float32, logits bool) func(class int) float64 {
	sum := 0.0
	if logits {
		largest := float64(p[argmax(p)])
		for _, v := range p {
			sum += math.Exp(float64(v) - largest)
		}
		norm := largest + math.Log(sum)
		return func(class int) float64 { return float64(p[class]) - norm }
	}
	for _, v := range p {
		sum += float64(v)
	}
	return func(class int) float64 { return math.Log(clip(float64(p[class])/sum, lowest, highest)) }
}

// CategoricalCrossentropy is the mean over rows of the sum of -t log(p) in nats. The predictions are divided by
// their row's sum and kept 1e-7 off 0 and 1.
type CategoricalCrossentropy struct {
	down
	mean
	FromLogits     bool    // the predictions are before the softmax
	LabelSmoothing float64 // s moves targets towards equality: t(1-s) + s/c
}

// Name returns categorical_crossentropy.
func (*CategoricalCrossentropy) Name() string { return "categorical_crossentropy" }

// Update adds a batch of targets and predictions [n,c]; see [Metric].
func (m *CategoricalCrossentropy) Update(yTrue, yPred, weight tensor.Any) error {
	if yPred.Shape().Rank() < 2 {
		return fmt.Errorf("%w: predictions %s have no column for each class", ErrShape, describe(yPred))
	}
	return m.rows(yTrue, yPred, weight, func(t, p []float32) float64 {
		sum, log := 0.0, logProbabilities(p, m.FromLogits)
		for i, v := range t {
			smooth := float64(v)*(1-m.LabelSmoothing) + m.LabelSmoothing/float64(len(t))
			sum -= smooth * log(i)
		}
		return sum
	})
}

// SparseCategoricalCrossentropy is [CategoricalCrossentropy] for targets that name a class.
type SparseCategoricalCrossentropy struct {
	down
	mean
	FromLogits bool // the predictions are before the softmax
}

// Name returns sparse_categorical_crossentropy.
func (*SparseCategoricalCrossentropy) Name() string { return "sparse_categorical_crossentropy" }

// Update adds a batch of class numbers [n] or [n,1] and predictions [n,c]; see [Metric].
func (m *SparseCategoricalCrossentropy) Update(yTrue, yPred, weight tensor.Any) error {
	return m.sparseRows(yTrue, yPred, weight, func(class int, p []float32) float64 {
		return -logProbabilities(p, m.FromLogits)(class)
	})
}
