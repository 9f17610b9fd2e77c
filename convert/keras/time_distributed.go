package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// timeDistributed applies a layer or model to each step: the steps are laid beside one another along
// the batch, and apart again.
func timeDistributed(x *emit) []*ir.Value {
	x.noCall("mask")
	inner, err := x.layer.inner("layer")
	if err != nil {
		x.Fail(err)
		return x.in
	}
	if inner.Config == nil {
		inner.Config = map[string]any{}
	}
	v := x.in[0]
	if r := v.Fact.Rank(); r < 2 || r < 3 && !isModel(inner) && inner.Class != "Embedding" {
		x.Fail(op.Shapef("TimeDistributed takes (batch, time, ...), not %v", v.Fact))
		return x.in
	}
	if m := x.converter.masks[v]; m != nil && (isModel(inner) || slices.Contains(maskUsing, inner.Class)) && !(m.Fact.Rank() > 2 && x.converter.keras2() && !isModel(inner)) {
		x.Fail(op.Unsupportedf("a mask on what TimeDistributed gives a layer of class %s", inner.Class))
		return x.in
	}
	if slices.Contains(pointwise, inner.Class) {
		return x.applyInner(inner, v)
	}
	mask := x.converter.masks[v]
	from, joined := v, x.converter.joined[v].v
	if joined == nil || x.converter.masks[joined] != nil || mask != nil && mask.Fact.Rank() > 2 {
		joined = x.joinFirst(v, -1, 2)
	} else {
		from = x.converter.joined[v].from
	}
	if mask != nil && mask.Fact.Rank() > 2 {
		x.converter.masks[joined] = x.joinFirst(mask, -1, 2)
	}
	around := x.converter.beside
	if n, ok := v.Fact.Shape[1].Int(); ok && !x.converter.keras2() { // which trains on all steps as one batch
		x.converter.beside = max(1, around) * n
	}
	out := x.applyInner(inner, joined)
	x.converter.beside = around
	for i, y := range out {
		if x.Err() != nil {
			return out
		}
		if y.Fact.Rank() < 1 {
			x.Fail(op.Shapef("a layer inside TimeDistributed gives %v", y.Fact))
			return out
		}
		out[i] = x.stepsApart(y, from)
		x.converter.joined[out[i]] = alongBatch{y, from}
		if x.converter.keras2() && !isModel(inner) {
			x.setMask(out[i], x.maskOfSteps(inner, x.converter.masks[y], mask, v))
		}
	}
	return out
}

// alongBatch is what TimeDistributed gives, with its steps along the batch, and a value that has the batch and
// the steps as its first axes.
type alongBatch struct{ v, from *ir.Value }

// maskOfSteps is the mask of what TimeDistributed gives in Keras 2: that which the layer makes of each step, else
// whether a step of the input has anything that counts.
func (x *emit) maskOfSteps(inner *layer, made, mask, v *ir.Value) *ir.Value {
	if made != nil {
		return x.stepsApart(made, v)
	}
	if mask == nil || mask.Fact.Rank() <= 2 || slices.Contains(maskPassing, inner.Class) {
		return mask
	}
	axes := make([]int, mask.Fact.Rank()-2)
	for i := range axes {
		axes[i] = i + 2
	}
	return x.Cast(x.Reduce("ReduceMax", x.Cast(mask, tensor.Int32), false, axes...), tensor.Bool)
}

// pointwise are the classes that work on each step alone whatever the rank.
var pointwise = []string{"Activation", "AlphaDropout", "Dense", "Dropout", "ELU", "GaussianDropout", "GaussianNoise", "LeakyReLU", "ReLU"}

// applyInner emits a layer or model that is an argument of this one.
func (x *emit) applyInner(l *layer, in ...*ir.Value) []*ir.Value {
	if isModel(l) {
		x.weights = nil // its layers find their own
		var out []*ir.Value
		for _, o := range x.converter.model(l, "", in, append(slices.Clone(x.path), x.at)...) {
			out = append(out, o.v)
		}
		if out == nil {
			return in
		}
		return out
	}
	convert := x.converter.find(l)
	if convert == nil {
		x.Fail(unknown(l))
		return in
	}
	s, done := x.sub(l)
	s.in = in
	out := convert(s)
	done()
	return out
}

// joinFirst joins the first n axes of v: its shape becomes first and the sizes of the other axes.
func (x *emit) joinFirst(v *ir.Value, first, n int) *ir.Value {
	sizes := []int{first}
	for _, d := range v.Fact.Shape[n:] {
		k, ok := d.Int()
		if !ok {
			rest := x.Op("Slice", x.Shape(v), x.Ints(n), x.Ints(v.Fact.Rank()))
			return x.Reshape(v, x.Concat(0, x.Ints(first), rest))
		}
		sizes = append(sizes, k)
	}
	return x.ReshapeTo(v, sizes...)
}

// stepsApart brings (batch·time, ...) to (batch, time, ...) with the sizes of v.
func (x *emit) stepsApart(y, v *ir.Value) *ir.Value {
	if steps, ok := v.Fact.Shape[1].Int(); ok && steps > 0 {
		sizes := []int{-1, steps}
		for _, d := range y.Fact.Shape[1:] {
			if k, ok := d.Int(); ok && k > 0 {
				sizes = append(sizes, k)
			}
		}
		if len(sizes) == y.Fact.Rank()+1 {
			return x.ReshapeTo(y, sizes...)
		}
	}
	front := x.Op("Slice", x.Shape(v), x.Ints(0), x.Ints(2))
	rest := x.Op("Slice", x.Shape(y), x.Ints(1), x.Ints(max(1, y.Fact.Rank())))
	if y.Fact.Rank() == 1 {
		return x.Reshape(y, front)
	}
	return x.Reshape(y, x.Concat(0, front, rest))
}
