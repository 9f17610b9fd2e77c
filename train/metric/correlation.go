package metric

import (
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// PearsonCorrelation is the mean over rows of cov(t,p)/(std(t) std(p)), along the last dimension.
type PearsonCorrelation struct {
	up
	mean
}

// Name returns pearson_correlation.
func (*PearsonCorrelation) Name() string { return "pearson_correlation" }

// Update adds a batch; see [Metric].
func (m *PearsonCorrelation) Update(yTrue, yPred, weight tensor.Any) error {
	return m.rows(yTrue, yPred, weight, func(t, p []float32) float64 {
		s := momentsOf(t, p)
		return s.covariance / math.Sqrt(s.varT*s.varP)
	})
}

// ConcordanceCorrelation is the mean over rows of 2 cov(t,p)/(var(t) + var(p) + (mean(t)-mean(p))^2 + 1e-7), along
// the last dimension; Lin 1989.
type ConcordanceCorrelation struct {
	up
	mean
}

// Name returns concordance_correlation.
func (*ConcordanceCorrelation) Name() string { return "concordance_correlation" }

// Update adds a batch; see [Metric].
func (m *ConcordanceCorrelation) Update(yTrue, yPred, weight tensor.Any) error {
	return m.rows(yTrue, yPred, weight, func(t, p []float32) float64 {
		s := momentsOf(t, p)
		d := s.meanT - s.meanP
		return 2 * s.covariance / (s.varT + s.varP + d*d + epsilon)
	})
}

// moments are those of two rows, over their length.
type moments struct{ meanT, meanP, varT, varP, covariance float64 }

func momentsOf(t, p []float32) (s moments) {
	n := float64(len(t))
	for i := range t {
		s.meanT += float64(t[i]) / n
		s.meanP += float64(p[i]) / n
	}
	for i := range t {
		a, b := float64(t[i])-s.meanT, float64(p[i])-s.meanP
		s.varT += a * a / n
		s.varP += b * b / n
		s.covariance += a * b / n
	}
	return s
}
