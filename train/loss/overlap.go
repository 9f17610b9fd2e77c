package loss

// Dice is 1 - 2*sum(y*p)/(sum(y)+sum(p)+1e-7) over the whole batch, or over Axis; Dice 1945.
type Dice struct {
	Axis []int // that are summed over; all where nil, so that there is one number for the batch
}

// Name implements [Loss].
func (Dice) Name() string { return "dice" }

// PerSample implements [Loss].
func (l Dice) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := aligned(b, yTrue, yPred)
	both := b.Scale(b.Sum(b.Mul(y, yPred), false, l.Axis...), 2)
	all := b.AddScalar(b.Add(b.Sum(y, false, l.Axis...), b.Sum(yPred, false, l.Axis...)), epsilon)
	return b.Sub(b.Scalar(both, 1), b.Div(both, all))
}

// Tversky is 1 - s/(s + Alpha*sum((1-p)*y) + Beta*sum(p*(1-y)) + 1e-7), s = sum(y*p), over the whole
// batch, or over Axis; Salehi et al., arXiv 1706.05721. Alpha weighs what Keras calls false positives.
type Tversky struct {
	Alpha float64 // 0.5 where zero
	Beta  float64 // 0.5 where zero
	Axis  []int   // that are summed over; all where nil
}

// Name implements [Loss].
func (Tversky) Name() string { return "tversky" }

// PerSample implements [Loss].
func (l Tversky) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	y := aligned(b, yTrue, yPred)
	one := b.Scalar(y, 1)
	both := b.Sum(b.Mul(y, yPred), false, l.Axis...)
	missed := b.Sum(b.Mul(b.Sub(one, yPred), y), false, l.Axis...)
	wrong := b.Sum(b.Mul(yPred, b.Sub(one, y)), false, l.Axis...)
	all := b.Add(b.Add(both, b.Scale(missed, orDefault(l.Alpha, .5))), b.Scale(wrong, orDefault(l.Beta, .5)))
	return b.Sub(one, b.Div(both, b.AddScalar(all, epsilon)))
}
