package nn

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

var lastAxis = op.Attr("axis", -1)

// Attention is softmax(query·key)·value; Luong et al., arXiv 1508.04025. Its inputs are query
// [batch, t, n], value [batch, s, m] and, optionally, key [batch, s, n], else value.
type Attention struct {
	Name          string
	UseScale      bool   // multiplies the scores by a parameter
	ScoreMode     string // dot (default), or concat: w*sum(tanh(query+key)) with a parameter w
	Dropout       float64
	UseCausalMask bool // a query sees no value behind its own place
}

// LayerName implements [Named].
func (l *Attention) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Attention) Build(b *Builder, in ...*Value) []*Value {
	if !b.attentionInputs("Attention", in) {
		return in[:1]
	}
	q, k := in[0], in[len(in)-1]
	var scale *Value
	if l.UseScale {
		scale = b.Param("scale", nil, Ones{}).Value
	}
	var scores *Value
	switch l.ScoreMode {
	case "", "dot":
		scores = b.MatMul(q, b.Transpose(k, 0, 2, 1))
		if scale != nil {
			scores = b.Mul(scores, scale)
		}
	case "concat":
		sum := b.Add(b.Unsqueeze(q, 2), b.Unsqueeze(k, 1))
		if scale != nil {
			sum = b.Mul(sum, scale)
		}
		w := b.Param("concat_score_weight", nil, Ones{}).Value
		scores = b.Mul(b.Sum(b.Op("Tanh", sum), false, -1), w)
	default:
		b.Fail(fmt.Errorf("Attention{ScoreMode: %q}: there are dot, concat", l.ScoreMode))
		return in[:1]
	}
	return []*Value{b.attend(scores, in, l.Dropout, l.UseCausalMask)}
}

// AdditiveAttention is softmax(sum(scale*tanh(query+key)))·value with a parameter scale; Bahdanau et
// al., arXiv 1409.0473. Its inputs are those of [Attention].
type AdditiveAttention struct {
	Name          string
	NoScale       bool // Keras's use_scale=False
	Dropout       float64
	UseCausalMask bool
}

// LayerName implements [Named].
func (l *AdditiveAttention) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *AdditiveAttention) Build(b *Builder, in ...*Value) []*Value {
	if !b.attentionInputs("AdditiveAttention", in) {
		return in[:1]
	}
	t := b.Op("Tanh", b.Add(b.Unsqueeze(in[0], 2), b.Unsqueeze(in[len(in)-1], 1)))
	if !l.NoScale {
		n, ok := lastDim(in[0])
		if !ok {
			b.Fail(fmt.Errorf("AdditiveAttention on %v: the last axis must be known", in[0].Fact))
			return in[:1]
		}
		t = b.Mul(t, b.Param("scale", []int{n}, GlorotUniform()).Value)
	}
	return []*Value{b.attend(b.Sum(t, false, -1), in, l.Dropout, l.UseCausalMask)}
}

func (b *Builder) attentionInputs(layer string, in []*Value) bool {
	ok := len(in) == 2 || len(in) == 3
	for _, x := range in {
		ok = ok && x.Fact.Rank() == 3
	}
	if !ok {
		b.Fail(fmt.Errorf("%s takes query, value and, optionally, key, each [batch, steps, features]", layer))
	}
	return ok
}

// attend is softmax(scores)·value, masked.
func (b *Builder) attend(scores *Value, in []*Value, dropout float64, causal bool) *Value {
	var m *Value
	if k := b.Mask(in[1]); k != nil {
		m = b.Unsqueeze(k, 1)
	}
	if causal {
		ahead := b.ahead(in[0], in[1])
		m = b.both(m, b.Op("LessOrEqual", ahead, b.Scalar(ahead, 0)))
	}
	if m != nil {
		scores = b.Where(m, scores, b.AddScalar(scores, -1e9))
	}
	weights := b.OpA("Softmax", scores, lastAxis)
	if dropout > 0 && b.rate("Attention", dropout) {
		weights = b.Op("Dropout", weights, b.Const(tensor.Scalar(float32(dropout))))
	}
	y := b.MatMul(weights, in[1])
	if k := b.Mask(in[0]); k != nil {
		y = b.keepMask(in[0], b.Where(b.Unsqueeze(k, -1), y, b.Scalar(y, 0)))
	}
	return y
}
