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
// a fourth is a mask of bools [batch, t, s], false where a query does not see a value. With AttentionAxes,
// inputs have any number of axes between batch and features, and a mask is
// [batch, axes not attended along..., t..., s...], or without those axes.
type MultiHeadAttention struct {
	Name                string
	NumHeads            int
	NumKeyValueHeads    int // fewer than NumHeads are shared by groups of queries, Keras's GroupQueryAttention; NumHeads where zero
	KeyDim              int
	ValueDim            int   // KeyDim where zero
	OutputShape         []int // in place of the query's features
	AttentionAxes       []int // the axes along which a query sees values, negative ones from the end; all between batch and features where empty
	Dropout             float64
	NoBias              bool // Keras's use_bias=False
	UseGate             bool // multiplies the heads' results by the sigmoid of a projection of the query
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

// attended are the inputs of attention: query, value and key, and which of [batch, t, s] counts; nil is all.
type attended struct {
	query, value, key, mask *Value
	joined                  bool // axes were, to make three of more
}

// Build implements [Layer].
func (l *MultiHeadAttention) Build(b *Builder, in ...*Value) []*Value {
	if len(in) < 2 || len(in) > 4 || l.NumHeads <= 0 || l.KeyDim <= 0 {
		b.Fail(fmt.Errorf("MultiHeadAttention{NumHeads: %d, KeyDim: %d} with %d inputs: it takes query, value and, optionally, key and mask, and positive numbers", l.NumHeads, l.KeyDim, len(in)))
		return in[:1]
	}
	if n := l.keyValueHeads(); n < 1 || l.NumHeads%n != 0 {
		b.Fail(fmt.Errorf("MultiHeadAttention: %d heads are not a multiple of %d shared ones", l.NumHeads, n))
		return in[:1]
	}
	x := attended{query: in[0], value: in[1], key: in[1]}
	if len(in) > 2 && in[2] != nil {
		x.key = in[2]
	}
	axes := l.axes(b, x)
	if b.Err() != nil {
		return in[:1]
	}
	x.mask = l.mask(b, x)
	if len(in) > 3 {
		x.mask = b.both(x.mask, in[3])
	}
	attend := l.attend
	if x.query.Fact.Rank() != 3 {
		attend = func(b *Builder, x attended) []*Value { return l.attendAlong(b, x, axes) }
	}
	out := attend(b, x)
	out[0] = b.keepMask(x.query, out[0])
	for i := range out {
		out[i] = b.activity(l.ActivityRegularizer, out[i])
	}
	return out
}

func (l *MultiHeadAttention) keyValueHeads() int {
	if l.NumKeyValueHeads == 0 {
		return l.NumHeads
	}
	return l.NumKeyValueHeads
}

// attend is attention on [batch, t, features].
func (l *MultiHeadAttention) attend(b *Builder, x attended) []*Value {
	shared, valueDim := l.keyValueHeads(), l.ValueDim
	if valueDim == 0 {
		valueDim = l.KeyDim
	}
	q := b.heads(l.project(b, "query", x.query, l.NumHeads, l.KeyDim), l.NumHeads, l.KeyDim)
	k := b.heads(l.project(b, "key", x.key, shared, l.KeyDim), shared, l.KeyDim)
	var gate *Value
	if l.UseGate {
		gate = b.Op("Sigmoid", l.project(b, "gate", x.query, l.NumHeads, valueDim))
	}
	v := b.heads(l.project(b, "value", x.value, shared, valueDim), shared, valueDim)
	if b.Err() != nil {
		return []*Value{x.query}
	}
	if n := l.NumHeads / shared; n > 1 {
		k, v = b.repeatHeads(k, n), b.repeatHeads(v, n)
	}
	scores := b.MatMul(b.Scale(q, 1/math.Sqrt(float64(l.KeyDim))), b.Transpose(k, 0, 1, 3, 2))
	var mask *Value
	if x.mask != nil {
		mask = b.Unsqueeze(x.mask, 1)
		scores = b.Where(mask, scores, b.Scalar(scores, -1e9))
	}
	scores = b.OpA("Softmax", scores, lastAxis)
	if mask != nil && (x.joined || l.Dropout > 0 || l.ReturnScores) {
		scores = b.Where(mask, scores, b.Scalar(scores, 0)) // Keras computes this by its layer Softmax, the rest by dot_product_attention
	}
	weights := scores
	if l.Dropout > 0 && b.rate("MultiHeadAttention", l.Dropout) {
		weights = b.Op("Dropout", scores, b.Const(tensor.Scalar(float32(l.Dropout))))
	}
	y := b.Transpose(b.MatMul(weights, v), 0, 2, 1, 3)
	y = b.ReshapeTo(y, 0, 0, l.NumHeads*valueDim)
	if gate != nil {
		y = b.Mul(y, gate)
	}
	y = l.join(b, y, valueDim, l.outputShape(x.query))
	if l.ReturnScores {
		return []*Value{y, scores}
	}
	return []*Value{y}
}

func (l *MultiHeadAttention) outputShape(query *Value) []int {
	if len(l.OutputShape) > 0 {
		return l.OutputShape
	}
	n, _ := lastDim(query)
	return []int{n}
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

// join projects the heads of [batch, t, heads*size] to the output; Keras's kernel is [heads, size, out...].
func (l *MultiHeadAttention) join(b *Builder, x *Value, size int, out []int) *Value {
	units := tensor.Shape(out).Len()
	y := l.dense(b, "attention_output", x, append([]int{l.NumHeads, size}, out...), out, []int{l.NumHeads * size, units}, units)
	if len(out) > 1 {
		y = b.ReshapeTo(y, append([]int{0, 0}, out...)...)
	}
	return y
}

func (l *MultiHeadAttention) dense(b *Builder, name string, x *Value, kernel, bias, ours []int, units int) *Value {
	w := b.paramAs(name+"/kernel", layout{keras: kernel, perm: places(len(kernel)), shape: ours}, orInit(l.KernelInitializer, GlorotUniform()), l.KernelRegularizer, l.KernelConstraint)
	y := b.MatMul(x, w.Value)
	if l.NoBias {
		return y
	}
	p := b.paramAs(name+"/bias", layout{keras: bias, perm: places(len(bias)), shape: []int{units}}, orInit(l.BiasInitializer, Zeros{}), l.BiasRegularizer, l.BiasConstraint)
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
