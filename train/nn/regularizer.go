package nn

import "fmt"

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

// OrthogonalRegularizer keeps the rows, or columns, of a matrix orthogonal to one another:
// Factor/2 * the sum over i != j of |cos(w_i, w_j)|, over the number of pairs.
type OrthogonalRegularizer struct {
	Factor float64 // 0.01 where zero
	Mode   string  // rows (default) or columns
}

// Penalty implements [Regularizer].
func (r OrthogonalRegularizer) Penalty(b *Builder, w *Value) *Value {
	shape, ok := w.Fact.Static()
	if !ok || shape.Rank() != 2 || r.Mode != "" && r.Mode != "rows" && r.Mode != "columns" {
		b.Fail(fmt.Errorf("OrthogonalRegularizer{Mode: %q} on %v: it takes matrices, and has the modes rows, columns", r.Mode, w.Fact))
		return w
	}
	n := shape[0]
	if r.Mode == "columns" {
		n = shape[1]
		w = b.Transpose(w, 1, 0)
	}
	w = b.unit(w, 1)
	eye := make([]float64, n*n)
	for i := range eye {
		if i%(n+1) != 0 {
			eye[i] = 1
		}
	}
	cos := b.Mul(b.MatMul(w, b.Transpose(w, 1, 0)), b.ReshapeTo(b.vector(eye), n, n))
	pairs := max(1, float64(n)*float64(n-1)/2)
	return b.Scale(b.Sum(b.Op("Abs", cos), false), .5*orDefault(r.Factor, .01)/pairs)
}

// unit returns the vectors along an axis with length 1; one shorter than 1e-7 counts as of that length.
func (b *Builder) unit(x *Value, axes ...int) *Value {
	inverse := b.Op("Reciprocal", b.Op("Sqrt", b.Sum(b.Mul(x, x), true, axes...)))
	return b.Mul(x, b.Op("Min", inverse, b.Scalar(x, 1e7)))
}

// Constraint maps a parameter back to where it may be, after each update.
type Constraint interface {
	// Project emits the constrained parameter.
	Project(b *Builder, w *Value) *Value
}
