package metric

import (
	"fmt"
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// counts are the four cells of a binary confusion matrix, weighted.
type counts struct{ tp, fp, tn, fn float64 }

func (c counts) precision() float64   { return divide(c.tp, c.tp+c.fp) }
func (c counts) recall() float64      { return divide(c.tp, c.tp+c.fn) }
func (c counts) specificity() float64 { return divide(c.tn, c.tn+c.fp) }

// decisions counts right and wrong decisions at a threshold.
type decisions struct {
	counts counts
	nan    bool
}

// Reset forgets.
func (d *decisions) Reset() { d.counts, d.nan = counts{}, false }

// result returns v, or NaN where one was seen.
func (d *decisions) result(v float64) float64 {
	if d.nan {
		return math.NaN()
	}
	return v
}

// update counts a batch; threshold, topK and class are as in [Precision].
func (d *decisions) update(yTrue, yPred, weight tensor.Any, at *float64, topK int, class *int) error {
	b, err := newBatch(yTrue, yPred, weight)
	if err != nil {
		return err
	}
	threshold := orDefault(at, .5)
	if topK != 0 {
		if b.p, err = keepTop(b, topK); err != nil {
			return err
		}
		threshold = orDefault(at, math.Inf(-1))
	}
	if math.IsNaN(threshold) {
		return fmt.Errorf("%w: the threshold is NaN", ErrValue)
	}
	if b, err = pickClass(b, class); err != nil {
		return err
	}
	d.nan = d.nan || anyNaN(b.t) || anyNaN(b.p) || anyNaN64(b.w)
	limit := float32(threshold)
	b.each(func(i int, w float64) {
		switch positive := b.p[i] > limit; {
		case b.t[i] != 0 && positive:
			d.counts.tp += w
		case b.t[i] != 0:
			d.counts.fn += w
		case positive:
			d.counts.fp += w
		default:
			d.counts.tn += w
		}
	})
	return nil
}

// each calls f with every element and the weight that it has.
func (b batch) each(f func(i int, w float64)) {
	if b.w == nil {
		for i := range b.p {
			f(i, 1)
		}
		return
	}
	if len(b.w) == 0 {
		return
	}
	block := len(b.p) / len(b.w)
	for i := range b.p {
		f(i, b.w[i/block])
	}
}

// keepTop returns the predictions with all but the k largest of each row at minus infinity. Of equal ones the
// first stay.
func keepTop(b batch, k int) ([]float32, error) {
	c := b.shape[len(b.shape)-1]
	if len(b.shape) < 2 || k < 1 || k > c {
		return nil, fmt.Errorf("%w: the best %d of predictions %v", ErrShape, k, b.shape)
	}
	out := slices.Repeat([]float32{float32(math.Inf(-1))}, len(b.p))
	order := make([]int, c)
	for lo := 0; lo < len(b.p); lo += c {
		row := b.p[lo : lo+c]
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int {
			switch {
			case row[i] > row[j]:
				return -1
			case row[i] < row[j]:
				return 1
			}
			return 0
		})
		for _, i := range order[:k] {
			out[lo+i] = row[i]
		}
		for i, v := range row {
			if v != v {
				out[lo+i] = v
			}
		}
	}
	return out, nil
}

// pickClass returns the columns of one class alone.
func pickClass(b batch, class *int) (batch, error) {
	if class == nil {
		return b, nil
	}
	c := b.shape[len(b.shape)-1]
	if len(b.shape) < 2 || *class < 0 || *class >= c {
		return b, fmt.Errorf("%w: class %d of predictions %v", ErrShape, *class, b.shape)
	}
	column := func(values []float32) []float32 {
		out := make([]float32, len(values)/c)
		for i := range out {
			out[i] = values[i*c+*class]
		}
		return out
	}
	b.t, b.p = column(b.t), column(b.p)
	b.shape = b.shape[:len(b.shape)-1]
	if len(b.w) > len(b.p) {
		return b, fmt.Errorf("%w: %d weights for %d predictions of one class", ErrShape, len(b.w), len(b.p))
	}
	return b, nil
}

// TruePositives counts, by weight, predictions above the threshold whose target is not zero.
type TruePositives struct {
	decisions
	Threshold *float64 // a prediction is positive above it; nil is 0.5
}

// Name returns true_positives.
func (*TruePositives) Name() string { return "true_positives" }

// Update adds a batch; see [Metric].
func (m *TruePositives) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update(yTrue, yPred, weight, m.Threshold, 0, nil)
}

// Result returns the count; see [Metric].
func (m *TruePositives) Result() float64 { return m.result(m.counts.tp) }

// FalsePositives counts, by weight, predictions above the threshold whose target is zero.
type FalsePositives struct {
	decisions
	Threshold *float64 // a prediction is positive above it; nil is 0.5
}

// Name returns false_positives.
func (*FalsePositives) Name() string { return "false_positives" }

// Update adds a batch; see [Metric].
func (m *FalsePositives) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update(yTrue, yPred, weight, m.Threshold, 0, nil)
}

// Result returns the count; see [Metric].
func (m *FalsePositives) Result() float64 { return m.result(m.counts.fp) }

// TrueNegatives counts, by weight, predictions not above the threshold whose target is zero.
type TrueNegatives struct {
	decisions
	Threshold *float64 // a prediction is positive above it; nil is 0.5
}

// Name returns true_negatives.
func (*TrueNegatives) Name() string { return "true_negatives" }

// Update adds a batch; see [Metric].
func (m *TrueNegatives) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update(yTrue, yPred, weight, m.Threshold, 0, nil)
}

// Result returns the count; see [Metric].
func (m *TrueNegatives) Result() float64 { return m.result(m.counts.tn) }

// FalseNegatives counts, by weight, predictions not above the threshold whose target is not zero.
type FalseNegatives struct {
	decisions
	Threshold *float64 // a prediction is positive above it; nil is 0.5
}

// Name returns false_negatives.
func (*FalseNegatives) Name() string { return "false_negatives" }

// Update adds a batch; see [Metric].
func (m *FalseNegatives) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update(yTrue, yPred, weight, m.Threshold, 0, nil)
}

// Result returns the count; see [Metric].
func (m *FalseNegatives) Result() float64 { return m.result(m.counts.fn) }

// Precision is the share of positive predictions that are right: TP / (TP+FP), 0 where none is positive.
type Precision struct {
	up
	decisions
	Threshold *float64 // a prediction is positive above it; nil is 0.5, and with TopK minus infinity
	TopK      int      // where not 0, only the K largest predictions of each row can be positive
	Class     *int     // the column to look at; nil takes all columns
}

// Name returns precision.
func (*Precision) Name() string { return "precision" }

// Update adds a batch; see [Metric].
func (m *Precision) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update(yTrue, yPred, weight, m.Threshold, m.TopK, m.Class)
}

// Result returns the precision; see [Metric].
func (m *Precision) Result() float64 { return m.result(m.counts.precision()) }

// Recall is the share of positive targets that are found: TP / (TP+FN), 0 where no target is positive.
type Recall struct {
	up
	decisions
	Threshold *float64 // a prediction is positive above it; nil is 0.5, and with TopK minus infinity
	TopK      int      // where not 0, only the K largest predictions of each row can be positive
	Class     *int     // the column to look at; nil takes all columns
}

// Name returns recall.
func (*Recall) Name() string { return "recall" }

// Update adds a batch; see [Metric].
func (m *Recall) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update(yTrue, yPred, weight, m.Threshold, m.TopK, m.Class)
}

// Result returns the recall; see [Metric].
func (m *Recall) Result() float64 { return m.result(m.counts.recall()) }
