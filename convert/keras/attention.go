package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// attention is for Attention and AdditiveAttention: softmax(scores(q, k))·v. The scores are q·kᵀ, or
// in the additive forms the sum over features of tanh(q+k), each with its scale.
func attention(x *emit) []*ir.Value {
	x.noCall("mask", "return_attention_scores", "use_causal_mask")
	if len(x.in) < 2 || len(x.in) > 3 {
		x.Fail(op.Malformedf("attention on %d values", len(x.in)))
		return x.in
	}
	q, v := x.in[0], x.in[1]
	k := v
	if len(x.in) == 3 {
		k = x.in[2]
	}
	for _, in := range x.in {
		if r := in.Fact.Rank(); r < 3 || r != q.Fact.Rank() {
			x.Fail(op.Shapef("attention on %v", in.Fact))
			return x.in
		}
	}
	var scores *ir.Value
	if x.layer.Class == "AdditiveAttention" {
		scores = x.additiveScores(q, k)
	} else {
		scores = x.dotScores(q, k)
	}
	masks := x.listedMasks()
	if m := x.scoreMask(q, v, masks[1]); m != nil {
		scores = x.Where(m, scores, x.AddScalar(scores, -1e9))
	}
	weights := x.OpA("Softmax", scores, op.Attr("axis", -1))
	y := x.MatMul(x.noise(weights, "Dropout", x.layer.num("dropout", 0)), v)
	if masks[0] != nil {
		y = x.Where(x.Unsqueeze(masks[0], masks[0].Fact.Rank()), y, x.Scalar(y, 0))
	}
	x.setMask(y, masks[0])
	if x.call.kwargs["return_attention_scores"] == true {
		return []*ir.Value{y, weights}
	}
	return one(y)
}

// dotScores are those of Attention.
func (x *emit) dotScores(q, k *ir.Value) *ir.Value {
	var scale *ir.Value
	if x.layer.flag("use_scale", false) {
		scale = x.weight("scale")
	}
	switch mode := x.layer.text("score_mode", "dot"); mode {
	case "dot":
		if q.Fact.Rank() != 3 {
			x.Fail(op.Shapef("products of attention on %v", q.Fact))
			return q
		}
		s := x.MatMul(q, x.Transpose(k, 0, 2, 1))
		if scale != nil {
			s = x.Mul(s, scale)
		}
		return s
	case "concat":
		sum := x.pairwise(q, k)
		if scale != nil {
			sum = x.Mul(sum, scale)
		}
		return x.Mul(x.Sum(x.Op("Tanh", sum), false, -1), x.weight("concat_score_weight"))
	default:
		x.Fail(argument("score_mode", mode))
		return q
	}
}

// additiveScores are those of AdditiveAttention.
func (x *emit) additiveScores(q, k *ir.Value) *ir.Value {
	s := x.Op("Tanh", x.pairwise(q, k))
	if x.layer.flag("use_scale", true) {
		s = x.Mul(s, x.weight("scale", -1))
	}
	return x.Sum(s, false, -1)
}

// pairwise is the sum of each step of the query with each of the key.
func (x *emit) pairwise(q, k *ir.Value) *ir.Value {
	rank := q.Fact.Rank()
	return x.Add(x.Unsqueeze(q, rank-1), x.Unsqueeze(k, rank-2))
}

// listedMasks are the masks of query and value: the call's own, else those that go with the inputs.
func (x *emit) listedMasks() [2]*ir.Value {
	out := [2]*ir.Value{x.mask(x.in[0]), x.mask(x.in[1])}
	raw, ok := x.call.kwargs["mask"].([]any)
	if !ok {
		if x.call.kwargs["mask"] != nil {
			x.Fail(op.Unsupportedf("a mask that is not a list"))
		}
		return out
	}
	words := x.words["mask"]
	for i := range out {
		out[i] = nil
		if i < len(raw) && raw[i] != nil && len(words) > 0 {
			out[i], words = x.Cast(words[0], tensor.Bool), words[1:]
		}
	}
	return out
}

// scoreMask joins the value's mask and the causal one; nil is none.
func (x *emit) scoreMask(q, v, mask *ir.Value) *ir.Value {
	if mask != nil {
		mask = x.Unsqueeze(mask, mask.Fact.Rank()-1)
	}
	if !x.layer.flag("causal", false) && x.call.kwargs["use_causal_mask"] != true {
		return mask
	}
	causal := x.Unsqueeze(x.triangle(q, v, q.Fact.Rank()-2), 0)
	if mask == nil {
		return causal
	}
	return x.Op("And", mask, causal)
}
