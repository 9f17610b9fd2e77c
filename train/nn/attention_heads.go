package nn

import (
	"fmt"
	"math"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// MultiHeadAttention projects queries, keys and values to heads, is softmax(q·k/sqrt(KeyDim))·v in each
// and projects the heads together; Vaswani et al., arXiv 1706.03762.
//
// Its inputs are query [batch, t, features], value [batch, s, features] and, optionally, key as value;
// a fourth is a mask of bools [batch, t, s], false where a query does not see a value.
type MultiHeadAttention struct {
	Name                string
	NumHeads            int
	NumKeyValueHeads    int // fewer than NumHeads are shared by groups of queries, Keras's GroupQueryAttention; NumHeads where zero
	KeyDim              int
	ValueDim            int // KeyDim where zero
	OutputShape         int // the query's features where zero
	Dropout             float64
	NoBias              bool // Keras's use_bias=False
	UseCausalMask       bool // a query sees no value behind its own place
	SlidingWindow       int  // a query sees values nearer than this; 0 is all
	KernelInitializer   Initializer
	BiasInitializer     Initializer
	KernelRegularizer   Regularizer
	BiasRegularizer     Regularizer
	KernelConstraint    Constraint
	BiasConstraint      Constraint
	ReturnScores        bool // the softmax [batch, heads, t, s] as a second output
	ActivityRegularizer Regularizer
}

// LayerName implements [Named].
func (l *MultiHeadAttention) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *MultiHeadAttention) Build(b *Builder, in ...*Value) []*Value {
	if len(in) < 2 || len(in) > 4 || l.NumHeads <= 0 || l.KeyDim <= 0 {
		b.Fail(fmt.Errorf("MultiHeadAttention{NumHeads: %d, KeyDim: %d} with %d inputs: it takes query, value and, optionally, key and mask, and positive numbers", l.NumHeads, l.KeyDim, len(in)))
		return in[:1]
	}
	query, value, key := in[0], in[1], in[1]
	if len(in) > 2 && in[2] != nil {
		key = in[2]
	}
	shared := l.NumKeyValueHeads
	if shared == 0 {
		shared = l.NumHeads
	}
	valueDim := l.ValueDim
	if valueDim == 0 {
		valueDim = l.KeyDim
	}
	if shared < 1 || l.NumHeads%shared != 0 {
		b.Fail(fmt.Errorf("MultiHeadAttention: %d heads are not a multiple of %d shared ones", l.NumHeads, shared))
		return in[:1]
	}
	q := b.heads(l.project(b, "query", query, l.NumHeads, l.KeyDim), l.NumHeads, l.KeyDim)
	k := b.heads(l.project(b, "key", key, shared, l.KeyDim), shared, l.KeyDim)
	v := b.heads(l.project(b, "value", value, shared, valueDim), shared, valueDim)
	if b.Err() != nil {
		return in[:1]
	}
	if n := l.NumHeads / shared; n > 1 {
		k, v = b.repeatHeads(k, n), b.repeatHeads(v, n)
	}
	scores := b.MatMul(b.Scale(q, 1/math.Sqrt(float64(l.KeyDim))), b.Transpose(k, 0, 1, 3, 2))
	if m := l.mask(b, in, scores); m != nil {
		scores = b.Where(m, scores, b.Scalar(scores, -1e9))
	}
	scores = b.OpA("Softmax", scores, lastAxis)
	weights := scores
	if l.Dropout > 0 && b.rate("MultiHeadAttention", l.Dropout) {
		weights = b.Op("Dropout", scores, b.Const(tensor.Scalar(float32(l.Dropout))))
	}
	y := b.Transpose(b.MatMul(weights, v), 0, 2, 1, 3)
	y = b.ReshapeTo(y, 0, 0, l.NumHeads*valueDim)
	out := l.OutputShape
	if out == 0 {
		out, _ = lastDim(query)
	}
	y = b.keepMask(query, l.join(b, y, valueDim, out))
	y = b.activity(l.ActivityRegularizer, y)
	if l.ReturnScores {
		return []*Value{y, b.activity(l.ActivityRegularizer, scores)}
	}
	return []*Value{y}
}

// project emits a projection to heads; Keras's kernel is [features, heads, size], ours joins the last two.
func (l *MultiHeadAttention) project(b *Builder, name string, x *Value, heads, size int) *Value {
	n, ok := lastDim(x)
	if !ok || x.Fact.Rank() != 3 {
		b.Fail(fmt.Errorf("MultiHeadAttention: %s is %v, expected [batch, steps, features] with known features", name, x.Fact))
		return x
	}
	return l.dense(b, name, x, []int{n, heads, size}, []int{heads, size}, []int{n, heads * size}, heads*size)
}

// join projects the heads to the output; Keras's kernel is [heads, size, out].
func (l *MultiHeadAttention) join(b *Builder, x *Value, size, out int) *Value {
	return l.dense(b, "attention_output", x, []int{l.NumHeads, size, out}, []int{out}, []int{l.NumHeads * size, out}, out)
}

func (l *MultiHeadAttention) dense(b *Builder, name string, x *Value, kernel, bias, ours []int, units int) *Value {
	w := b.paramAs(name+"/kernel", layout{keras: kernel, perm: []int{0, 1, 2}, shape: ours}, orInit(l.KernelInitializer, GlorotUniform()), l.KernelRegularizer, l.KernelConstraint)
	y := b.MatMul(x, w.Value)
	if l.NoBias {
		return y
	}
	perm := make([]int, len(bias))
	for i := range perm {
		perm[i] = i
	}
	p := b.paramAs(name+"/bias", layout{keras: bias, perm: perm, shape: []int{units}}, orInit(l.BiasInitializer, Zeros{}), l.BiasRegularizer, l.BiasConstraint)
	return b.Add(y, p.Value)
}

// heads turns [batch, steps, heads*size] into [batch, heads, steps, size].
func (b *Builder) heads(x *Value, heads, size int) *Value {
	return b.Transpose(b.ReshapeTo(x, 0, 0, heads, size), 0, 2, 1, 3)
}

// repeatHeads repeats each head n times in a row.
func (b *Builder) repeatHeads(x *Value, n int) *Value {
	s := x.Fact.Shape
	heads, _ := s[1].Int()
	size, _ := s[3].Int()
	y := b.Expand(b.Unsqueeze(x, 2), b.Ints(1, 1, n, 1, 1))
	return b.Reshape(y, b.Concat(0, b.Slice(b.Shape(x), 0, 0, 1), b.Ints(heads*n), b.Slice(b.Shape(x), 0, 2, 3), b.Ints(size)))
}

// mask returns which scores [batch, heads, t, s] count, nil for all.
func (l *MultiHeadAttention) mask(b *Builder, in []*Value, scores *Value) *Value {
	var m *Value
	and := func(k *Value) {
		if m == nil {
			m = k
		} else {
			m = b.Op("And", m, k)
		}
	}
	if k := b.Mask(in[0]); k != nil {
		and(b.Unsqueeze(k, 1, 3))
	}
	if k := b.Mask(in[1]); k != nil {
		and(b.Unsqueeze(k, 1, 2))
	}
	if len(in) > 2 && in[2] != nil && in[2] != in[1] {
		if k := b.Mask(in[2]); k != nil {
			and(b.Unsqueeze(k, 1, 2))
		}
	}
	if len(in) > 3 {
		and(b.Unsqueeze(in[3], 1))
	}
	if !l.UseCausalMask && l.SlidingWindow <= 0 {
		return m
	}
	ahead := b.ahead(scores)
	if l.UseCausalMask {
		and(b.Op("LessOrEqual", ahead, b.Scalar(ahead, 0)))
	}
	if l.SlidingWindow > 0 {
		and(b.Op("Less", b.Op("Abs", ahead), b.Scalar(ahead, float64(l.SlidingWindow))))
	}
	return m
}

// ahead returns how far each value stands behind each query's own place: [t, s] for scores [..., t, s].
func (b *Builder) ahead(scores *Value) *Value {
	shape, zero, one := b.Shape(scores), b.Const(tensor.Scalar(int64(0))), b.Const(tensor.Scalar(int64(1)))
	count := func(axis int) *Value {
		n := b.Squeeze(b.Slice(shape, 0, scores.Fact.Rank()+axis, scores.Fact.Rank()+axis+1), 0)
		return b.Op("Range", zero, n, one)
	}
	return b.Sub(b.Unsqueeze(count(-1), 0), b.Unsqueeze(count(-2), 1))
}
