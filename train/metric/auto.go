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
	return m.update(accuracyOf, yTrue, yPred, weight)
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
	return m.update(crossentropyOf, yTrue, yPred, weight)
}

// byShape is one of three metrics, which the shapes of the first batch choose.
type byShape struct{ chosen Metric }

func (*byShape) followsMask() bool { return true }

// form is how targets and predictions are laid out.
type form int

const (
	oneNumber form = iota // a prediction
	numbered              // classes, by the target
	oneHot
)

func formOf(target, prediction tensor.Shape) form {
	switch n := len(prediction); {
	case n <= 1 || prediction[n-1] == 1:
		return oneNumber
	case len(target) < n || target[len(target)-1] == 1:
		return numbered
	}
	return oneHot
}

func accuracyOf(f form) Metric {
	switch f {
	case oneNumber:
		return &BinaryAccuracy{}
	case numbered:
		return &SparseCategoricalAccuracy{}
	}
	return &CategoricalAccuracy{}
}

func crossentropyOf(f form) Metric {
	switch f {
	case oneNumber:
		return &BinaryCrossentropy{}
	case numbered:
		return &SparseCategoricalCrossentropy{}
	}
	return &CategoricalCrossentropy{}
}

// update adds a batch, the first one to the metric that is for its form.
func (m *byShape) update(of func(form) Metric, yTrue, yPred, weight tensor.Any) error {
	chosen := m.chosen
	if chosen == nil {
		chosen = of(formOf(yTrue.Shape(), yPred.Shape()))
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
