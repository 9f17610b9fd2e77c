package nn

// Regularizer adds a penalty on a parameter to the loss.
type Regularizer interface {
	// Penalty emits a scalar.
	Penalty(b *Builder, w *Value) *Value
}

// L1L2 is the penalty L1*sum|w| + L2*sum(w^2), as in Keras.
type L1L2 struct{ L1, L2 float64 }

// L1 returns the penalty l*sum|w|.
func L1(l float64) L1L2 { return L1L2{L1: l} }

// L2 returns the penalty l*sum(w^2).
func L2(l float64) L1L2 { return L1L2{L2: l} }

// Penalty implements [Regularizer].
func (r L1L2) Penalty(b *Builder, w *Value) *Value {
	var sum *Value
	if r.L1 != 0 {
		sum = b.Scale(b.Sum(b.Op("Abs", w), false), r.L1)
	}
	if r.L2 != 0 {
		sq := b.Scale(b.Sum(b.Mul(w, w), false), r.L2)
		if sum == nil {
			return sq
		}
		sum = b.Add(sum, sq)
	}
	if sum == nil {
		return b.Scalar(w, 0)
	}
	return sum
}

// Constraint maps a parameter back to where it may be, after each update.
type Constraint interface {
	// Project emits the constrained parameter.
	Project(b *Builder, w *Value) *Value
}
