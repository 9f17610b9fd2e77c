package loss

// Dice is 1 - 2*sum(y*p)/(sum(y)+sum(p)+1e-7) over the whole batch; Dice 1945. Keras has it with axes
// too; this is its default.
type Dice struct{}

// Name implements [Loss].
func (Dice) Name() string { return "dice" }

// PerSample implements [Loss]. The result is a scalar.
func (Dice) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := aligned(b, yTrue, yPred)
	both := b.Scale(b.Sum(b.Mul(y, yPred), false), 2)
	all := b.AddScalar(b.Add(b.Sum(y, false), b.Sum(yPred, false)), epsilon)
	return b.Sub(b.Scalar(both, 1), b.Div(both, all))
}

// Tversky is 1 - s/(s + Alpha*sum((1-p)*y) + Beta*sum(p*(1-y)) + 1e-7), s = sum(y*p), over the whole
// batch; Salehi et al., arXiv 1706.05721. Alpha weighs what Keras calls false positives.
type Tversky struct {
	Alpha float64 // 0.5 where zero
	Beta  float64 // 0.5 where zero
}

// Name implements [Loss].
func (Tversky) Name() string { return "tversky" }

// PerSample implements [Loss]. The result is a scalar.
func (l Tversky) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := aligned(b, yTrue, yPred)
	one := b.Scalar(y, 1)
	both := b.Sum(b.Mul(y, yPred), false)
	missed := b.Sum(b.Mul(b.Sub(one, yPred), y), false)
	wrong := b.Sum(b.Mul(yPred, b.Sub(one, y)), false)
	all := b.Add(b.Add(both, b.Scale(missed, orDefault(l.Alpha, .5))), b.Scale(wrong, orDefault(l.Beta, .5)))
	return b.Sub(one, b.Div(both, b.AddScalar(all, epsilon)))
}
