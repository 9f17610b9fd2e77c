package loss

import "github.com/onnxtool/onnxtool/internal/op"

// SparseCategoricalCrossentropy is CategoricalCrossentropy for targets that are class numbers: of
// shape (n) or (n,1) for predictions (n, classes).
type SparseCategoricalCrossentropy struct {
	FromLogits bool
	// IgnoreClass is a class number whose samples do not count, such as -1 for padding.
	IgnoreClass *int
}

// Name implements [Loss].
func (SparseCategoricalCrossentropy) Name() string { return "sparse_categorical_crossentropy" }

// PerSample implements [Loss].
func (l SparseCategoricalCrossentropy) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := classNumbers(b, yTrue, yPred)
	var valid *Value
	if l.IgnoreClass != nil {
		valid = notEqual(b, y, *l.IgnoreClass)
		y = b.Where(valid, b.Cast(y, int64Type), b.Ints(0))
	}
	picked := b.Emit(1, "GatherElements", []*Value{logProbabilities(b, yPred, l.FromLogits), b.Cast(y, int64Type)}, op.Attr("axis", -1))[0]
	if valid != nil {
		picked = b.Where(valid, picked, b.Scalar(picked, 0))
	}
	return b.Neg(b.Squeeze(picked, -1))
}

// Mask implements [Masked].
func (l SparseCategoricalCrossentropy) Mask(b *Builder, yTrue, yPred *Value) *Value {
	if l.IgnoreClass == nil {
		return nil
	}
	return notEqual(b, b.Squeeze(classNumbers(b, yTrue, yPred), -1), *l.IgnoreClass)
}

// classNumbers returns the targets with the predictions' rank, the last axis 1.
func classNumbers(b *Builder, yTrue, yPred *Value) *Value {
	y, rank := yTrue, yPred.Fact.Rank()
	if y.Fact.Rank() == rank-1 {
		y = b.Unsqueeze(y, -1)
	}
	if r := y.Fact.Rank(); r != rank || !y.Fact.Shape[r-1].Is(1) {
		b.Fail(op.Shapef("targets are %v, predictions %v: class numbers have the predictions' shape without the last axis, or with 1 there", yTrue.Fact, yPred.Fact))
	}
	return y
}
