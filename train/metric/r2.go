package metric

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// R2Score is the coefficient of determination, 1 - SS_residual / SS_total of each column of the targets. 1 is
// perfect, 0 as good as predicting the mean. Where SS_total alone is 0 the score is 0, as in Keras.
type R2Score struct {
	up
	// VarianceWeighted averages the columns by their variance instead of evenly.
	VarianceWeighted bool
	// Regressors is the number of predictors that adjusted R2 accounts for; 0 leaves the score as it is. Where
	// there are not more than Regressors+1 numbers it stays as it is too.
	Regressors int

	sum, squares, residual, weight []float64 // by column
	samples                        int
}

// Name returns r2_score.
func (*R2Score) Name() string { return "r2_score" }

// Reset forgets.
func (m *R2Score) Reset() {
	m.sum, m.squares, m.residual, m.weight, m.samples = nil, nil, nil, nil, 0
}

// Update adds a batch of targets and predictions [n] or [n,c]; see [Metric].
func (m *R2Score) Update(yTrue, yPred, weight tensor.Any) error {
	b, err := newBatch(yTrue, yPred, weight)
	if err != nil {
		return err
	}
	c := 1
	switch {
	case len(b.shape) > 2:
		return fmt.Errorf("%w: predictions must be [n] or [n,c], got %v", ErrShape, b.shape)
	case m.Regressors < 0:
		return fmt.Errorf("%w: %d regressors", ErrValue, m.Regressors)
	case len(b.shape) == 2:
		c = b.shape[1]
	}
	if m.sum == nil {
		m.sum, m.squares, m.residual, m.weight = make([]float64, c), make([]float64, c), make([]float64, c), make([]float64, c)
	}
	if c != len(m.sum) {
		return fmt.Errorf("%w: %d columns after batches of %d", ErrShape, c, len(m.sum))
	}
	b.each(func(i int, w float64) {
		t, p, k := float64(b.t[i]), float64(b.p[i]), i%c
		m.sum[k] += t * w
		m.squares[k] += t * t * w
		m.residual[k] += (t - p) * (t - p) * w
		m.weight[k] += w
	})
	m.samples += len(b.p)
	return nil
}

// Result returns the score; see [Metric].
func (m *R2Score) Result() float64 {
	if m.sum == nil {
		return 0
	}
	scores, totals := 0.0, 0.0
	for k := range m.sum {
		total := m.squares[k] - m.sum[k]*m.sum[k]/m.weight[k]
		score := 1 - m.residual[k]/total
		if math.IsInf(score, 0) {
			score = 0
		}
		if m.VarianceWeighted {
			scores += total * score
			totals += total
		} else {
			scores += score
			totals++
		}
	}
	r2 := scores / totals
	if n, p := float64(m.samples), float64(m.Regressors); p > 0 && n-p-1 > 0 {
		r2 = 1 - (1-r2)*(n-1)/(n-p-1)
	}
	return r2
}
