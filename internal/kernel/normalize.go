package kernel

import "math"

// Normalize brings each row of elements to mean 0 and variance 1 and gives it scale and bias:
//
//	y[r,j] = (x[r,j] - mean[r]) * inv[r] * scale[k] + bias[k]
//	inv[r] = 1 / sqrt(variance[r] + epsilon)
//	k      = r%Groups*Step + j/Inner
//
// The variance is the population's. Sums are taken in float64, in a fixed order.
type Normalize[T Float] struct {
	RowNorm
	rows *Rows[NormalizeOperands[T]]
}

// RowNorm is the geometry of a [Normalize].
type RowNorm struct {
	Rows, Length        int // of elements
	Groups, Step, Inner int // from row and element to scale and bias; not read where there is none
	Epsilon             float64
	Raw                 bool // the mean is taken as 0: root mean square normalisation
}

// NormalizeOperands are the memory that a [Normalize] works on. Scale, Bias, Mean and Inv may be nil.
type NormalizeOperands[T Float] struct{ Y, X, Scale, Bias, Mean, Inv []T }

// NewNormalize returns the normalisation of a geometry.
func NewNormalize[T Float](g RowNorm) *Normalize[T] {
	n := &Normalize[T]{RowNorm: g}
	n.rows = NewRows(3*g.Length, n.row)
	return n
}

// Run computes Y, and Mean and Inv of each row where they are given. Y may be X.
func (n *Normalize[T]) Run(p *Pool, o NormalizeOperands[T]) {
	if len(o.X) > 0 || o.Mean != nil || o.Inv != nil {
		n.rows.Run(p, o, n.Rows)
	}
}

func (n *Normalize[T]) row(o NormalizeOperands[T], r int) {
	x := o.X[r*n.Length : (r+1)*n.Length]
	y := o.Y[r*n.Length : (r+1)*n.Length]
	var mean float64
	if !n.Raw {
		mean = sumOf(x) / float64(n.Length)
	}
	inv := 1 / math.Sqrt(squaresOf(x, mean)/float64(n.Length)+n.Epsilon)
	if o.Mean != nil {
		o.Mean[r] = T(mean)
	}
	if o.Inv != nil {
		o.Inv[r] = T(inv)
	}
	m, s := T(mean), T(inv)
	if o.Scale == nil {
		for j, v := range x {
			y[j] = (v - m) * s
		}
		return
	}
	k := r % n.Groups * n.Step
	if n.Inner == 1 {
		normalizeEach(y, x, o.Scale[k:], o.Bias, k, m, s)
		return
	}
	for at := 0; at < len(x); at += n.Inner {
		a, b := o.Scale[k]*s, T(0)
		if o.Bias != nil {
			b = o.Bias[k]
		}
		affine(y[at:at+n.Inner], x[at:at+n.Inner], m, a, b)
		k++
	}
}

// normalizeEach gives each element a scale and bias of its own.
func normalizeEach[T Float](y, x, scale, bias []T, k int, m, s T) {
	scale = scale[:len(x)]
	if bias == nil {
		for j, v := range x {
			y[j] = (v - m) * s * scale[j]
		}
		return
	}
	bias = bias[k:][:len(x)]
	for j, v := range x {
		y[j] = (v-m)*s*scale[j] + bias[j]
	}
}

// affine computes y = (x-m)*a + b.
func affine[T Float](y, x []T, m, a, b T) {
	y = y[:len(x)]
	for j, v := range x {
		y[j] = (v-m)*a + b
	}
}

// sumOf returns the sum in float64.
func sumOf[T Float](x []T) float64 {
	var s0, s1, s2, s3 float64
	for len(x) >= 4 {
		s0 += float64(x[0])
		s1 += float64(x[1])
		s2 += float64(x[2])
		s3 += float64(x[3])
		x = x[4:]
	}
	for _, v := range x {
		s0 += float64(v)
	}
	return (s0 + s1) + (s2 + s3)
}

// squaresOf returns the sum of (x-m)^2 in float64.
func squaresOf[T Float](x []T, m float64) float64 {
	var s0, s1, s2, s3 float64
	for len(x) >= 4 {
		d0, d1, d2, d3 := float64(x[0])-m, float64(x[1])-m, float64(x[2])-m, float64(x[3])-m
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
		x = x[4:]
	}
	for _, v := range x {
		d := float64(v) - m
		s0 += d * d
	}
	return (s0 + s1) + (s2 + s3)
}
