package metric

import "github.com/onnxtool/onnxtool/onnxio/tensor"

// Auto is what Keras's compile makes of the metric "accuracy": [BinaryAccuracy] where a prediction is one
// number, [SparseCategoricalAccuracy] where it has more and the target one, else [CategoricalAccuracy]. The
// first batch decides.
type Auto struct {
	up
	byShape
}

// Name returns accuracy.
func (*Auto) Name() string { return "accuracy" }

// Update adds a batch; see [Metric].
func (m *Auto) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update([3]Metric{&BinaryAccuracy{}, &SparseCategoricalAccuracy{}, &CategoricalAccuracy{}}, yTrue, yPred, weight)
}

// Crossentropy is what Keras 2's compile makes of the metric "crossentropy", chosen as [Auto] is:
// [BinaryCrossentropy], [SparseCategoricalCrossentropy] or [CategoricalCrossentropy].
type Crossentropy struct {
	down
	byShape
}

// Name returns crossentropy.
func (*Crossentropy) Name() string { return "crossentropy" }

// Update adds a batch; see [Metric].
func (m *Crossentropy) Update(yTrue, yPred, weight tensor.Any) error {
	return m.update([3]Metric{&BinaryCrossentropy{}, &SparseCategoricalCrossentropy{}, &CategoricalCrossentropy{}}, yTrue, yPred, weight)
}

// byShape is one of three metrics, which the shapes of the first batch choose.
type byShape struct{ chosen Metric }

func (*byShape) followsMask() bool { return true }

// update adds a batch to the first metric of three where a prediction is one number, to the second where it has more
// and the target one, else to the third.
func (m *byShape) update(of [3]Metric, yTrue, yPred, weight tensor.Any) error {
	chosen := m.chosen
	if chosen == nil {
		t, p := yTrue.Shape(), yPred.Shape()
		switch {
		case len(p) <= 1 || p[len(p)-1] == 1:
			chosen = of[0]
		case len(t) < len(p) || t[len(t)-1] == 1:
			chosen = of[1]
		default:
			chosen = of[2]
		}
	}
	if err := chosen.Update(yTrue, yPred, weight); err != nil {
		return err
	}
	m.chosen = chosen
	return nil
}

// Result returns the figure; see [Metric].
func (m *byShape) Result() float64 {
	if m.chosen == nil {
		return 0
	}
	return m.chosen.Result()
}

// Reset forgets, also which metric was chosen.
func (m *byShape) Reset() { m.chosen = nil }
