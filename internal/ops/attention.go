package ops

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opAttention is scaled dot product attention:
//
//	Y = softmax(cap(scale * Q*Kᵀ) + bias) * V, cap(s) = softcap * tanh(s/softcap) where softcap > 0
//
// with Q [batch, q_heads, q_len, size], K [batch, kv_heads, kv_len, size] and V [batch, kv_heads,
// kv_len, v_size], or all of them [batch, len, heads*size] with the heads as attributes. past_key and
// past_value go before K and V. Where there are fewer heads of K and V, each serves a group of Q's.
//
// The bias is attn_mask, numbers or false for -inf, one that is too short filled up with -inf; and -inf
// where is_causal, the window of keys around a query, or nonpad_kv_seqlen, the number of keys of each
// sample that count, exclude a key. A query that no key is left for gives zeros. A query's position is its index
// plus the length of the past or, with nonpad_kv_seqlen, plus that less q_len.
//
// qk_matmul_output is scale * Q*Kᵀ (mode 0), that capped (1), with the bias (2), or after softmax (3).
// Half types compute in float32; softmax_precision may ask for more, or for less than float32 inputs have.
var opAttention = &op.Def{
	Name: "Attention", Since: 25,
	Doc: "Scaled dot product attention with masks, a cache of keys and values, and groups of heads.",
	In:  attentionIn,
	Out: []op.Param{op.Out("Y", "T1"), op.OptOut("present_key", "T1"), op.OptOut("present_value", "T2"), op.OptOut("qk_matmul_output", "T1")},
	Attrs: []op.AttrDef{
		op.Int("is_causal", 0), op.May("kv_num_heads", op.IntKind), op.Int("left_window_size", -1), op.May("q_num_heads", op.IntKind),
		op.Int("qk_matmul_output_mode", 0), op.Int("right_window_size", -1), op.May("scale", op.FloatKind), op.Float("softcap", 0),
		op.May("softmax_precision", op.IntKind),
	},
	Types:  op.Types{"T1": op.Floats, "T2": op.Floats, "U": op.List(numbersClassic, []tensor.DType{tensor.Bool, tensor.BFloat16})},
	Expand: expandAttention,
	Old: []op.Version{
		{Since: 24, Attrs: attentionAttrs23},
		{Since: 23, Attrs: attentionAttrs23, In: attentionIn[:6]},
	},
}

var (
	attentionIn = []op.Param{
		op.In("Q", "T1", op.Differentiable), op.In("K", "T1", op.Differentiable), op.In("V", "T2", op.Differentiable),
		op.Opt("attn_mask", "U", op.Differentiable), op.Opt("past_key", "T1", op.Differentiable),
		op.Opt("past_value", "T2", op.Differentiable), op.Opt("nonpad_kv_seqlen", "int64", op.Zero),
	}
	attentionAttrs23 = []op.AttrDef{
		op.Int("is_causal", 0), op.May("kv_num_heads", op.IntKind), op.May("q_num_heads", op.IntKind), op.Int("qk_matmul_output_mode", 0),
		op.May("scale", op.FloatKind), op.Float("softcap", 0), op.May("softmax_precision", op.IntKind),
	}
)

// attention is a node being expanded.
type attention struct {
	*op.Builder
	n     *op.Node
	wide  tensor.DType // computed in
	qLen  *ir.Value    // int64 vectors of one element
	kvLen *ir.Value
}

func (a *attention) in(i int) *ir.Value {
	if !a.n.HasIn(i) {
		return nil
	}
	return a.n.Node.In[i]
}

func expandAttention(b *op.Builder, n *op.Node) []*ir.Value {
	a := &attention{Builder: b, n: n}
	if err := a.check(); err != nil {
		b.Fail(err)
		return n.Node.Out
	}
	a.wide = wideOf(a.in(0))
	flat := n.In(0).Rank() == 3
	q, key, value := a.heads(0, "q_num_heads"), a.heads(1, "kv_num_heads"), a.heads(2, "kv_num_heads")
	if past := a.in(4); past != nil {
		key, value = b.Concat(2, past, key), b.Concat(2, a.in(5), value)
	}
	a.qLen, a.kvLen = sizeOfAxis(b, q, 2), sizeOfAxis(b, key, 2)
	k, v := a.group(q, b.Cast(key, a.wide)), a.group(q, b.Cast(value, a.wide))
	if b.Err() != nil {
		return n.Node.Out
	}
	p, qk := a.weights(b.Cast(q, a.wide), k)
	y := b.MatMul(b.Cast(p, a.wide), v)
	if flat {
		y = b.Transpose(y, 0, 2, 1, 3)
		y = reshapeExact(b, y, b.Concat(0, b.Slice(b.Shape(y), 0, 0, 2), b.Mul(b.Slice(b.Shape(y), 0, 2, 3), b.Slice(b.Shape(y), 0, 3, 4))))
	}
	t := n.In(0).DType
	out := []*ir.Value{b.Cast(y, t), key, value, b.Cast(qk, t)}[:n.NumOut()]
	for i := range out {
		if !n.HasOut(i) {
			out[i] = nil
		}
	}
	return out
}

// check holds the node's attributes and ranks against what is allowed.
func (a *attention) check() error {
	n := a.n
	rank := n.In(0).Rank()
	for i := range 3 {
		if r := n.In(i).Rank(); r != rank || r != 3 && r != 4 {
			return op.Shapef("Q is %v, K %v, V %v; expected all of rank 3 or all of rank 4", n.In(0), n.In(1), n.In(2))
		}
	}
	heads := n.HasAttr("q_num_heads") && n.HasAttr("kv_num_heads")
	switch {
	case rank == 3 && (!heads || n.Int("q_num_heads") < 1 || n.Int("kv_num_heads") < 1):
		return op.Malformedf("q_num_heads %d and kv_num_heads %d for inputs of rank 3, expected positive numbers", n.Int("q_num_heads"), n.Int("kv_num_heads"))
	case (a.in(4) == nil) != (a.in(5) == nil):
		return op.Malformedf("past_key and past_value come together or not at all")
	case a.in(4) != nil && a.in(6) != nil:
		return op.Malformedf("nonpad_kv_seqlen beside past_key")
	case n.HasAttr("left_window_size") && n.Int("left_window_size") < -1, n.HasAttr("right_window_size") && n.Int("right_window_size") < -1:
		return op.Malformedf("window sizes %d and %d, expected -1 or more", n.Int("left_window_size"), n.Int("right_window_size"))
	case n.Int("qk_matmul_output_mode") < 0 || n.Int("qk_matmul_output_mode") > 3:
		return op.Malformedf("qk_matmul_output_mode is %d, expected 0 to 3", n.Int("qk_matmul_output_mode"))
	}
	if r := n.In(3).Rank(); a.in(3) != nil && (r < 1 || r > 4) {
		return op.Shapef("attn_mask is %v, expected rank 1 to 4", n.In(3))
	}
	if n.HasAttr("softmax_precision") {
		switch d := tensor.DType(n.Int("softmax_precision")); d {
		case tensor.Float16, tensor.BFloat16, tensor.Float32, tensor.Float64:
		default:
			return op.Unsupportedf("softmax_precision %d, expected a floating-point type", n.Int("softmax_precision"))
		}
	}
	return nil
}

// heads gives input i the form [batch, heads, len, size].
func (a *attention) heads(i int, attr string) *ir.Value {
	x := a.in(i)
	if x.Fact.Rank() == 4 {
		return x
	}
	heads := a.n.Int(attr)
	size := -1
	if h, ok := x.Fact.Shape[2].Int(); ok {
		if size = h / heads; size*heads != h {
			a.Fail(op.Shapef("%s is %v, which does not divide into %d heads", a.n.Def.In[i].Name, x.Fact, heads))
			return x
		}
	}
	return a.Transpose(a.ReshapeTo(x, 0, 0, heads, size), 0, 2, 1, 3)
}

// group repeats the heads of keys or values for the heads of the queries that they serve.
func (a *attention) group(q, x *ir.Value) *ir.Value {
	if a.Err() != nil {
		return x
	}
	have, want := x.Fact.Shape[1], q.Fact.Shape[1]
	if have.Same(want) {
		return x
	}
	h, ok := have.Int()
	w, known := want.Int()
	if !ok || !known {
		a.Fail(op.Unsupportedf("attention of %v query heads with %v key heads: both must be known", want, have))
		return x
	}
	if h == 0 || w%h != 0 {
		a.Fail(op.Shapef("%d query heads do not divide among %d key heads", w, h))
		return x
	}
	s := a.Shape(x)
	each := a.Expand(a.Unsqueeze(x, 2), a.Ints(1, 1, w/h, 1, 1))
	return reshapeExact(a.Builder, each, a.Concat(0, a.Slice(s, 0, 0, 1), a.Ints(w), a.Slice(s, 0, 2, 4)))
}

// weights returns the softmax and what qk_matmul_output shows.
func (a *attention) weights(q, k *ir.Value) (p, qk *ir.Value) {
	scale := float64(a.n.Float("scale"))
	if a.n.HasAttr("scale") {
		q = a.Scale(q, scale)
	} else if size, ok := q.Fact.Shape[3].Int(); ok && size > 0 {
		q = a.Scale(q, 1/math.Sqrt(float64(size)))
	} else {
		q = a.Div(q, a.Op("Sqrt", a.Cast(sizeOfAxis(a.Builder, q, 3), a.wide)))
	}
	s := a.MatMul(q, a.Transpose(k, 0, 1, 3, 2))
	shown := []*ir.Value{s, nil, nil, nil}
	if c := float64(a.n.Float("softcap")); c > 0 {
		s = a.Scale(a.Op("Tanh", a.Scale(s, 1/c)), c)
	}
	shown[1] = s
	bias := a.bias()
	var none *ir.Value
	if bias != nil {
		shown[2] = a.Add(s, bias)
		least := a.Scalar(bias, math.Inf(-1))
		none = a.Op("Equal", a.Reduce("ReduceMax", bias, true, -1), least)
		s = a.Add(a.Where(none, a.Scalar(s, 0), s), a.Where(none, a.Scalar(bias, 0), bias))
	} else {
		shown[2] = s
	}
	p = a.OpA("Softmax", a.Cast(s, a.precision()), op.Attr("axis", -1))
	if none != nil {
		p = a.Where(none, a.Scalar(p, 0), p)
	}
	shown[3] = p
	return p, shown[a.n.Int("qk_matmul_output_mode")]
}

// precision returns the type of the softmax.
func (a *attention) precision() tensor.DType {
	d := tensor.DType(a.n.Int("softmax_precision"))
	half := a.n.In(0).DType == tensor.Float16 || a.n.In(0).DType == tensor.BFloat16
	if d == tensor.Undefined || half && d != tensor.Float64 {
		return a.wide
	}
	return d
}
