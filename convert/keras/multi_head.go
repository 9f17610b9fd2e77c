package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// heads are the sizes and inputs of one call of MultiHeadAttention or GroupedQueryAttention.
type heads struct {
	query, value, key *ir.Value
	masked            bool // the key is an argument of its own, with a mask
	taken             bool // Keras takes the masks off the inputs, and has none for the query but its own
	n, groups         int  // heads of the query, and of key and value
	size, valueSize   int
	bias, gate        bool
	axes              []int // attention_axes
	out               []int // output_shape; nil is the query's
	window            int
	scores            bool // the call wants them
	fused             bool // Keras computes by dot_product_attention
	robust            bool // of Keras 2: masked scores are replaced and not only lowered
}

// multiHeadAttention is softmax(q·kᵀ/√size)·v for each head, where q, k and v are projections of the
// query, key and value, and the heads' results are projected onto the output.
func multiHeadAttention(x *emit) []*ir.Value {
	l := x.layer
	h := &heads{n: l.integer("num_heads", 0), size: l.integer("key_dim", 0), window: l.integer("sliding_window", 0)}
	h.groups = h.n
	h.valueSize = l.integer("value_dim", h.size)
	h.robust = l.flag("softmax_robust_masking", false)
	h.axes = l.ints("attention_axes", 0)
	h.out = l.ints("output_shape", 0)
	h.taken = x.converter.since(3, 8)
	out := x.attend(h)
	if h.taken { // a later layer has none
		for _, v := range []*ir.Value{h.query, h.value, h.key} {
			if v != nil && v != out[0] {
				delete(x.converter.masks, v)
			}
		}
	}
	return out
}

// groupedQueryAttention is multiHeadAttention where several heads of the query share one of key and value.
func groupedQueryAttention(x *emit) []*ir.Value {
	l := x.layer
	h := &heads{n: l.integer("num_query_heads", 0), groups: l.integer("num_key_value_heads", 0), size: l.integer("head_dim", 0), window: l.integer("sliding_window", 0)}
	h.valueSize = h.size
	if h.groups <= 0 || h.n%h.groups != 0 {
		x.Fail(op.Malformedf("%d heads of the query and %d of key and value", h.n, h.groups))
		return x.in
	}
	return x.attend(h)
}

// attentionInputs finds query, value and key among the arguments.
func (x *emit) attentionInputs(h *heads) bool {
	x.noCall("query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask", "return_attention_scores", "use_causal_mask")
	at := []**ir.Value{&h.query, &h.value, &h.key}
	for i, v := range x.in {
		place := i
		if i < len(x.call.args) && !x.converter.keras2() {
			place = x.call.args[i]
		}
		if place >= len(at) || *at[place] != nil {
			x.Fail(op.Unsupportedf("a call with %d positional arguments", len(x.in)))
			return false
		}
		*at[place] = v
	}
	for i, key := range []string{"query", "value", "key"} {
		if w := x.words[key]; len(w) == 1 {
			*at[i] = w[0]
		}
	}
	if h.query == nil || h.value == nil {
		x.Fail(op.Malformedf("a call without query or value"))
		return false
	}
	h.masked = h.key != nil
	if h.key == nil {
		h.key = h.value
	}
	return true
}

// attend emits the projections, the attention and the output.
func (x *emit) attend(h *heads) []*ir.Value {
	l := x.layer
	h.bias, h.gate = l.flag("use_bias", true), l.flag("use_gate", false)
	for _, k := range []string{"dropout", "flash_attention", "query_shape", "key_shape", "value_shape"} {
		l.get(k)
	}
	if h.n <= 0 || h.size <= 0 || h.valueSize <= 0 || h.n > 1<<16 || h.size > 1<<20 || h.valueSize > 1<<20 {
		x.Fail(op.Malformedf("%d heads of size %d", h.n, h.size))
	}
	if x.Err() != nil || !x.attentionInputs(h) {
		return x.in
	}
	if axes, several := x.attentionAxes(h.axes, h.query.Fact.Rank()); several {
		return x.attendAlong(h, axes)
	}
	for _, v := range []*ir.Value{h.query, h.value, h.key} {
		if v.Fact.Rank() != 3 {
			x.Fail(op.Unsupportedf("attention on values of rank %d", v.Fact.Rank()))
			return x.in
		}
	}
	h.fused = !x.converter.keras2() && l.num("dropout", 0) == 0 && x.call.kwargs["return_attention_scores"] != true
	mask := x.attentionMask(h)
	if mask != nil && mask.Fact.Rank() == 3 {
		mask = x.Unsqueeze(mask, 1)
	}
	out := x.attended(h, mask)
	out[0] = x.unfolded(out[0], h)
	x.setMask(out[0], x.mask(h.query))
	return out
}

// attended is attend where the inputs are known: (batch, time, features). The axes of output_shape are joined.
func (x *emit) attended(h *heads, mask *ir.Value) []*ir.Value {
	h.scores = x.call.kwargs["return_attention_scores"] == true
	dropout := x.layer.num("dropout", 0)
	q := x.heads(x.project("query", h.query, h.n, h.size, h.bias), h.n, h.size, 0, 2, 1, 3)
	k := x.heads(x.project("key", h.key, h.groups, h.size, h.bias), h.groups, h.size, 0, 2, 3, 1)
	var gate *ir.Value
	if h.gate {
		gate = x.Op("Sigmoid", x.project("gate", h.query, h.n, h.valueSize, h.bias))
	}
	v := x.heads(x.project("value", h.value, h.groups, h.valueSize, h.bias), h.groups, h.valueSize, 0, 2, 1, 3)
	if h.groups < h.n && x.Err() == nil {
		of := make([]int, h.n)
		for i := range of {
			of[i] = i / (h.n / h.groups)
		}
		k, v = x.Gather(k, x.Ints(of...), 1), x.Gather(v, x.Ints(of...), 1)
	}
	scores := x.MatMul(x.Scale(q, 1/math.Sqrt(float64(h.size))), k)
	weights := x.maskedSoftmax(scores, mask, h)
	y := x.ReshapeTo(x.Transpose(x.MatMul(x.noise(weights, "Dropout", dropout), v), 0, 2, 1, 3), 0, 0, h.n*h.valueSize)
	if h.gate {
		y = x.Mul(y, gate)
	}
	y = x.outputOf(y, h)
	if h.scores {
		return []*ir.Value{y, weights}
	}
	return one(y)
}

// project multiplies by a kernel (features, heads, size) with its bias.
func (x *emit) project(name string, v *ir.Value, n, size int, bias bool) *ir.Value {
	k := x.take(name+"/kernel", -1, n, size)
	if k == nil {
		return v
	}
	flat, err := tensor.New(k.Data(), k.Shape()[0], n*size)
	if err != nil {
		x.Fail(err)
		return v
	}
	y := x.MatMul(v, x.constant(name+"/kernel", flat))
	if !bias {
		return y
	}
	b := x.take(name+"/bias", n, size)
	if b == nil {
		return v
	}
	return x.Add(y, x.constant(name+"/bias", tensor.Vector(b.Data()...)))
}

// heads parts (batch, time, heads·size) and permutes the axes.
func (x *emit) heads(v *ir.Value, n, size int, perm ...int) *ir.Value {
	return x.Transpose(x.ReshapeTo(v, 0, 0, n, size), perm...)
}

// outputOf multiplies by the output's kernel (heads, size, features) with its bias.
func (x *emit) outputOf(v *ir.Value, h *heads) *ir.Value {
	shape := []int{-1}
	if len(h.out) > 1 {
		shape = h.out
	}
	k := x.take("attention_output/kernel", append([]int{h.n, h.valueSize}, shape...)...)
	if k == nil {
		return v
	}
	n := len(k.Data()) / (h.n * h.valueSize)
	flat, err := tensor.New(k.Data(), h.n*h.valueSize, n)
	if err != nil {
		x.Fail(err)
		return v
	}
	y := x.MatMul(v, x.constant("attention_output/kernel", flat))
	if !h.bias {
		return y
	}
	b := x.take("attention_output/bias", shape...)
	if b == nil {
		return v
	}
	return x.Add(y, x.constant("attention_output/bias", tensor.Vector(b.Data()...)))
}

// unfolded parts the last axis into those of output_shape.
func (x *emit) unfolded(v *ir.Value, h *heads) *ir.Value {
	if len(h.out) < 2 {
		return v
	}
	return x.ReshapeTo(v, append([]int{0, 0}, h.out...)...)
}

// attentionMask joins the masks of the inputs, the causal one, the window and the call's own by and;
// nil is none.
func (x *emit) attentionMask(h *heads) *ir.Value {
	var auto *ir.Value
	and := func(m *ir.Value) {
		if auto == nil {
			auto = m
		} else {
			auto = x.Op("And", auto, m)
		}
	}
	maskOf := func(key string, v *ir.Value) *ir.Value {
		if w := x.words[key]; len(w) == 1 {
			return x.Cast(w[0], tensor.Bool)
		}
		return x.mask(v)
	}
	query := x.mask(h.query)
	if !h.taken {
		query = maskOf("query_mask", h.query)
	}
	if query != nil {
		and(x.Unsqueeze(query, query.Fact.Rank()))
	}
	values := maskOf("value_mask", h.value)
	if values != nil {
		and(x.Unsqueeze(values, values.Fact.Rank()-1))
	}
	key := h.key
	if !h.masked {
		key = nil
	}
	if m := maskOf("key_mask", key); m != nil && m != values {
		and(x.Unsqueeze(m, m.Fact.Rank()-1))
	}
	if x.call.kwargs["use_causal_mask"] == true {
		and(x.Unsqueeze(x.triangle(h.query, h.value, 1), 0))
	}
	if h.window > 0 {
		row, col := x.positions(h.query, 1, 1), x.positions(h.value, 1, 0)
		far := x.Op("Abs", x.Sub(row, col))
		and(x.Unsqueeze(x.Op("Less", far, x.Scalar(far, float64(h.window))), 0))
	}
	if m := x.maskArgument("attention_mask"); m != nil {
		if auto != nil {
			m = x.Op("And", m, auto)
		}
		auto = m
	}
	return auto
}

// positions returns 0, 1, ... for the steps of v along an axis, with an axis added.
func (x *emit) positions(v *ir.Value, time, axis int) *ir.Value {
	return x.Unsqueeze(x.upTo(x.sizeOf(v, time)), axis)
}

// triangle is the causal mask (time of a, time of b): true where b's step is not after a's.
func (x *emit) triangle(a, b *ir.Value, time int) *ir.Value {
	return x.Op("GreaterOrEqual", x.positions(a, time, 1), x.positions(b, time, 0))
}

// maskedSoftmax is the softmax of scores as the version of Keras has it: what a row without any true
// element gives differs.
func (x *emit) maskedSoftmax(scores, mask *ir.Value, h *heads) *ir.Value {
	softmax := func(v *ir.Value) *ir.Value { return x.OpA("Softmax", v, op.Attr("axis", -1)) }
	switch {
	case mask == nil:
		return softmax(scores)
	case h.fused:
		return softmax(x.Where(mask, scores, x.Scalar(scores, -.7*3.38953e38)))
	case !h.robust:
		return x.maskedSoftmaxLayer(scores, mask, []int{-1})
	}
	return softmax(x.Where(mask, scores, x.Scalar(scores, -1e9)))
}
