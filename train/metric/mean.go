package metric

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Mean is a weighted mean of numbers, such as the losses of an epoch's batches.
type Mean struct{ mean }

// Add adds a value that weighs as much as given.
func (m *Mean) Add(value, weight float64) { m.add(value, weight) }

// mean is what metrics that are means embed.
type mean struct {
	total, weight float64
	values        []float64 // memory for a batch
}

func (*mean) followsMask() bool { return true }

func (m *mean) add(value, weight float64) {
	m.total += value * weight
	m.weight += weight
}

// Result returns the mean, 0 where nothing was added.
func (m *mean) Result() float64 { return divide(m.total, m.weight) }

// Reset forgets.
func (m *mean) Reset() { m.total, m.weight = 0, 0 }

// addValues adds values, k for each of n examples, with weights of the batch: each example counts with the mean
// of its values, weighted where there are weights for them, and the mean of its weights.
func (m *mean) addValues(values, w []float64, n int) error {
	if n == 0 {
		return nil
	}
	if len(values) == 0 || len(w) > len(values) {
		return fmt.Errorf("%w: %d weights for %d values of %d examples", ErrShape, len(w), len(values), n)
	}
	perExample := len(values) / n
	for i := range n {
		own := values[i*perExample : (i+1)*perExample]
		if w == nil {
			m.add(meanOf(own), 1)
			continue
		}
		steps := len(w) / n
		block := perExample / steps
		total, weight := 0.0, 0.0
		for j, wj := range w[i*steps : (i+1)*steps] {
			total += meanOf(own[j*block:(j+1)*block]) * wj
			weight += wj
		}
		m.total += total / float64(steps)
		m.weight += weight / float64(steps)
	}
	return nil
}

// room returns memory for n values, which is the metric's until the next call.
func (m *mean) room(n int) []float64 {
	m.values = slices.Grow(m.values[:0], n)[:n]
	return m.values
}

func meanOf(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// measure adds f of each row to the mean. A row is what the last dimension holds, or a single element for a
// width of 1 and where there is one dimension.
func (m *mean) measure(b batch, width int, f func(t, p []float32) float64) error {
	if len(b.shape) == 1 {
		width = 1
	}
	if width == 0 {
		return fmt.Errorf("%w: predictions %v hold nothing", ErrShape, b.shape)
	}
	values := m.room(len(b.p) / width)
	for i := range values {
		values[i] = f(b.t[i*width:(i+1)*width], b.p[i*width:(i+1)*width])
	}
	return m.addValues(values, b.w, b.shape[0])
}

// rows is the update of a metric that is the mean of f over the rows.
func (m *mean) rows(yTrue, yPred, weight tensor.Any, f func(t, p []float32) float64) error {
	b, err := newBatch(yTrue, yPred, weight)
	if err != nil {
		return err
	}
	return m.measure(b, b.shape[len(b.shape)-1], f)
}

// elements is the update of a metric that is the mean of f over the elements.
func (m *mean) elements(yTrue, yPred, weight tensor.Any, f func(t, p float64) float64) error {
	b, err := newBatch(yTrue, yPred, weight)
	if err != nil {
		return err
	}
	return m.measure(b, 1, func(t, p []float32) float64 { return f(float64(t[0]), float64(p[0])) })
}
