package loss

// Huber is the mean over the last axis of d^2/2 where |d| <= Delta and Delta*|d| - Delta^2/2 elsewhere,
// d = p-y; Huber 1964.
type Huber struct {
	Delta float64 // 1 where zero
}

// Name implements [Loss].
func (Huber) Name() string { return "huber" }

// PerSample implements [Loss].
func (l Huber) PerSample(b *Builder, yTrue, yPred *Value) *Value {
	delta := l.Delta
	if delta == 0 {
		delta = 1
	}
	d := b.Sub(yPred, aligned(b, yTrue, yPred))
	size := b.Op("Abs", d)
	small := b.Scale(b.Mul(d, d), .5)
	large := b.AddScalar(b.Scale(size, delta), -delta*delta/2)
	return meanLast(b, b.Where(b.Op("LessOrEqual", size, b.Scalar(size, delta)), small, large))
}
