package metric

import (
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// MeanSquaredError is the mean of (t-p)^2.
type MeanSquaredError struct {
	down
	mean
}

// Name returns mean_squared_error.
func (*MeanSquaredError) Name() string { return "mean_squared_error" }

// Update adds a batch; see [Metric].
func (m *MeanSquaredError) Update(yTrue, yPred, weight tensor.Any) error {
	return m.elements(yTrue, yPred, weight, func(t, p float64) float64 { return (t - p) * (t - p) })
}

// RootMeanSquaredError is the square root of the mean of (t-p)^2.
type RootMeanSquaredError struct {
	down
	mean
}

// Name returns root_mean_squared_error.
func (*RootMeanSquaredError) Name() string { return "root_mean_squared_error" }

// Update adds a batch; see [Metric].
func (m *RootMeanSquaredError) Update(yTrue, yPred, weight tensor.Any) error {
	return m.elements(yTrue, yPred, weight, func(t, p float64) float64 { return (t - p) * (t - p) })
}

// followsMask: in Keras it takes the mean of errors that have lost the predictions' mask.
func (*RootMeanSquaredError) followsMask() bool { return false }

// Result returns the root of the mean; see [Metric].
func (m *RootMeanSquaredError) Result() float64 { return math.Sqrt(m.mean.Result()) }

// MeanAbsoluteError is the mean of |t-p|.
type MeanAbsoluteError struct {
	down
	mean
}

// Name returns mean_absolute_error.
func (*MeanAbsoluteError) Name() string { return "mean_absolute_error" }

// Update adds a batch; see [Metric].
func (m *MeanAbsoluteError) Update(yTrue, yPred, weight tensor.Any) error {
	return m.elements(yTrue, yPred, weight, func(t, p float64) float64 { return math.Abs(t - p) })
}

// MeanAbsolutePercentageError is the mean of 100 |t-p| / max(|t|, 1e-7), in percent.
type MeanAbsolutePercentageError struct {
	down
	mean
}

// Name returns mean_absolute_percentage_error.
func (*MeanAbsolutePercentageError) Name() string { return "mean_absolute_percentage_error" }

// Update adds a batch; see [Metric].
func (m *MeanAbsolutePercentageError) Update(yTrue, yPred, weight tensor.Any) error {
	return m.elements(yTrue, yPred, weight, func(t, p float64) float64 {
		return 100 * math.Abs((t-p)/math.Max(math.Abs(t), epsilon))
	})
}

// MeanSquaredLogarithmicError is the mean of (log(1+max(t,1e-7)) - log(1+max(p,1e-7)))^2.
type MeanSquaredLogarithmicError struct {
	down
	mean
}

// Name returns mean_squared_logarithmic_error.
func (*MeanSquaredLogarithmicError) Name() string { return "mean_squared_logarithmic_error" }

// Update adds a batch; see [Metric].
func (m *MeanSquaredLogarithmicError) Update(yTrue, yPred, weight tensor.Any) error {
	return m.elements(yTrue, yPred, weight, func(t, p float64) float64 {
		d := math.Log1p(math.Max(p, epsilon)) - math.Log1p(math.Max(t, epsilon))
		return d * d
	})
}

// LogCosh is the mean of log(cosh(p-t)).
type LogCosh struct {
	down
	mean
}

// Name returns logcosh.
func (*LogCosh) Name() string { return "logcosh" }

// Update adds a batch; see [Metric].
func (m *LogCosh) Update(yTrue, yPred, weight tensor.Any) error {
	return m.elements(yTrue, yPred, weight, func(t, p float64) float64 {
		x := math.Abs(p - t)
		return x + math.Log1p(math.Exp(-2*x)) - math.Ln2
	})
}

// Huber is the mean of (t-p)^2/2 where |t-p| is at most Delta, else of Delta |t-p| - Delta^2/2.
type Huber struct {
	down
	mean
	Delta *float64 // nil is 1
}

// Name returns huber.
func (*Huber) Name() string { return "huber" }

// Update adds a batch; see [Metric].
func (m *Huber) Update(yTrue, yPred, weight tensor.Any) error {
	delta := orDefault(m.Delta, 1)
	return m.elements(yTrue, yPred, weight, func(t, p float64) float64 {
		x := math.Abs(t - p)
		if x <= delta {
			return x * x / 2
		}
		return delta*x - delta*delta/2
	})
}

// CosineSimilarity is the mean cosine of the angle between the rows of targets and predictions: 1 for the same
// direction, -1 for the opposite one. A row of zeros gives 0.
type CosineSimilarity struct {
	up
	mean
}

// Name returns cosine_similarity.
func (*CosineSimilarity) Name() string { return "cosine_similarity" }

// Update adds a batch; see [Metric].
func (m *CosineSimilarity) Update(yTrue, yPred, weight tensor.Any) error {
	return m.rows(yTrue, yPred, weight, func(t, p []float32) float64 {
		tt, pp, tp := 0.0, 0.0, 0.0
		for i := range t {
			a, b := float64(t[i]), float64(p[i])
			tt, pp, tp = tt+a*a, pp+b*b, tp+a*b
		}
		// Keras divides by a norm of 1e-7 at least.
		return tp / (math.Max(math.Sqrt(tt), epsilon) * math.Max(math.Sqrt(pp), epsilon))
	})
}
