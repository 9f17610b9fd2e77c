package loss

// CosineSimilarity is minus the cosine of the angle between y and p along the last axis: -1 for
// the same direction, 1 for opposite ones. A vector shorter than 1e-7 counts as one of that length.
type CosineSimilarity struct{}

// Name implements [Loss].
func (CosineSimilarity) Name() string { return "cosine_similarity" }

// PerSample implements [Loss].
func (CosineSimilarity) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := unit(b, aligned(b, yTrue, yPred))
	return b.Neg(b.Sum(b.Mul(y, unit(b, yPred)), false, -1))
}

// unit returns the vectors along the last axis with length 1.
func unit(b *Builder, x *Value) *Value {
	inverse := b.Op("Reciprocal", b.Op("Sqrt", b.Sum(b.Mul(x, x), true, -1)))
	return b.Mul(x, b.Op("Min", inverse, b.Scalar(x, 1/epsilon)))
}
