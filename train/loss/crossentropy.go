package loss

import "github.com/onnxtool/onnxtool/onnxio/tensor"

// Crossentropy is the cross-entropy that targets and predictions suggest by their shapes, as Keras's
// "crossentropy" is: [BinaryCrossentropy] where the predictions' last axis has size 1,
// [SparseCategoricalCrossentropy] where the targets have fewer axes or 1 there, else [CategoricalCrossentropy].
type Crossentropy struct{}

// Name implements [Loss].
func (Crossentropy) Name() string { return "crossentropy" }

// PerSample implements [Loss].
func (Crossentropy) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	t, p := yTrue.Fact, yPred.Fact
	switch {
	case p.Rank() > 0 && p.Shape[p.Rank()-1].Is(1):
		return BinaryCrossentropy{}.PerSample(b, yTrue, yPred)
	case t.Rank() < p.Rank(), t.Rank() > 0 && t.Shape[t.Rank()-1].Is(1):
		return SparseCategoricalCrossentropy{}.PerSample(b, yTrue, yPred)
	}
	return CategoricalCrossentropy{}.PerSample(b, yTrue, yPred)
}

// CheckTargets implements [Targeted]. Targets whose last axis has the size of the predictions' are probabilities.
func (Crossentropy) CheckTargets(yTrue tensor.Any, classes int) error {
	shape := yTrue.Shape()
	if n := len(shape); classes == 1 || n > 1 && shape[n-1] == classes {
		return checkProbabilities(yTrue)
	}
	return SparseCategoricalCrossentropy{}.CheckTargets(yTrue, classes)
}
