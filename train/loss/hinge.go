package loss

// Hinge is mean(max(1-y*p, 0)) over the last axis, for targets -1 and 1; targets that are all 0 or 1 are
// taken as -1 and 1.
type Hinge struct{}

// Name implements [Loss].
func (Hinge) Name() string { return "hinge" }

// PerSample implements [Loss].
func (Hinge) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	return meanLast(b, margin(b, yTrue, yPred))
}

// SquaredHinge is mean(max(1-y*p, 0)^2) over the last axis, with targets as [Hinge].
type SquaredHinge struct{}

// Name implements [Loss].
func (SquaredHinge) Name() string { return "squared_hinge" }

// PerSample implements [Loss].
func (SquaredHinge) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	m := margin(b, yTrue, yPred)
	return meanLast(b, b.Mul(m, m))
}

// margin returns max(1-y*p, 0).
func margin(b *Builder, yTrue, yPred *Value) *Value {
	y := aligned(b, yTrue, yPred)
	zero, one := b.Scalar(y, 0), b.Scalar(y, 1)
	binary := b.Op("Or", b.Op("Equal", y, zero), b.Op("Equal", y, one))
	all := b.Reduce("ReduceMin", b.Cast(binary, yPred.Fact.DType), false)
	y = b.Where(b.Op("Equal", all, one), b.AddScalar(b.Scale(y, 2), -1), y)
	return b.Op("Relu", b.Sub(one, b.Mul(y, yPred)))
}

// CategoricalHinge is max(max((1-y)*p) - sum(y*p) + 1, 0) over the last axis, for one-hot targets.
type CategoricalHinge struct{}

// Name implements [Loss].
func (CategoricalHinge) Name() string { return "categorical_hinge" }

// PerSample implements [Loss].
func (CategoricalHinge) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := aligned(b, yTrue, yPred)
	right := b.Sum(b.Mul(y, yPred), false, -1)
	wrong := b.Reduce("ReduceMax", b.Mul(b.Sub(b.Scalar(y, 1), y), yPred), false, -1)
	return b.Op("Relu", b.AddScalar(b.Sub(wrong, right), 1))
}
