package kernel

import "math"

// BatchNorm normalises the channels of [N, C, Inner] elements.
type BatchNorm[T Float] struct {
	n, c, inner  int
	epsilon      float64
	stats, apply *Rows[BatchNormOperands[T]]
}

// BatchNormOperands are the memory that a [BatchNorm] works on. Mean and Var have an element for each
// channel, and so have Scale and Bias.
type BatchNormOperands[T Float] struct{ Y, X, Scale, Bias, Mean, Var []T }

// channelStripe is how many adjacent channels are summed up side by side where a channel has one
// element of each sample.
const channelStripe = 16

// NewBatchNorm returns the normalisation of n samples with c channels of inner elements.
func NewBatchNorm[T Float](n, c, inner int, epsilon float64) *BatchNorm[T] {
	b := &BatchNorm[T]{n: n, c: c, inner: inner, epsilon: epsilon}
	if inner == 1 {
		b.stats = NewRows(2*n*channelStripe, b.columns)
		b.apply = NewRows(2*c, b.sample)
	} else {
		b.stats = NewRows(2*n*inner, b.channel)
		b.apply = NewRows(inner, b.plane)
	}
	return b
}

// Stats computes the mean and the population's variance of each channel into Mean and Var: NaN where
// there is no element.
func (b *BatchNorm[T]) Stats(p *Pool, o BatchNormOperands[T]) {
	if len(o.X) == 0 {
		nan := T(math.NaN())
		fill(o.Mean, nan)
		fill(o.Var, nan)
		return
	}
	rows := b.c
	if b.inner == 1 {
		rows = ceilDiv(b.c, channelStripe)
	}
	b.stats.Run(p, o, rows)
}

// Apply computes Y = (X - Mean) / sqrt(Var + epsilon) * Scale + Bias.
func (b *BatchNorm[T]) Apply(p *Pool, o BatchNormOperands[T]) {
	if len(o.Y) == 0 {
		return
	}
	rows := b.n
	if b.inner != 1 {
		rows *= b.c
	}
	b.apply.Run(p, o, rows)
}

func (b *BatchNorm[T]) channel(o BatchNormOperands[T], c int) {
	count := float64(b.n * b.inner)
	var sum, squares float64
	for i := range b.n {
		at := (i*b.c + c) * b.inner
		sum += sumOf(o.X[at : at+b.inner])
	}
	mean := sum / count
	for i := range b.n {
		at := (i*b.c + c) * b.inner
		squares += squaresOf(o.X[at:at+b.inner], mean)
	}
	o.Mean[c], o.Var[c] = T(mean), T(squares/count)
}

func (b *BatchNorm[T]) columns(o BatchNormOperands[T], stripe int) {
	var sum, squares [channelStripe]float64
	lo := stripe * channelStripe
	k := min(channelStripe, b.c-lo)
	for i := range b.n {
		for j, v := range o.X[i*b.c+lo:][:k] {
			sum[j] += float64(v)
		}
	}
	for j := range k {
		sum[j] /= float64(b.n)
	}
	for i := range b.n {
		for j, v := range o.X[i*b.c+lo:][:k] {
			d := float64(v) - sum[j]
			squares[j] += d * d
		}
	}
	for j := range k {
		o.Mean[lo+j], o.Var[lo+j] = T(sum[j]), T(squares[j]/float64(b.n))
	}
}

// factor returns what a channel's elements are multiplied with.
func (b *BatchNorm[T]) factor(o *BatchNormOperands[T], c int) T {
	return o.Scale[c] * T(1/math.Sqrt(float64(o.Var[c])+b.epsilon))
}

func (b *BatchNorm[T]) plane(o BatchNormOperands[T], r int) {
	c, at := r%b.c, r*b.inner
	affine(o.Y[at:at+b.inner], o.X[at:at+b.inner], o.Mean[c], b.factor(&o, c), o.Bias[c])
}

func (b *BatchNorm[T]) sample(o BatchNormOperands[T], r int) {
	x, y := o.X[r*b.c:(r+1)*b.c], o.Y[r*b.c:(r+1)*b.c]
	for c, v := range x {
		y[c] = (v-o.Mean[c])*b.factor(&o, c) + o.Bias[c]
	}
}
