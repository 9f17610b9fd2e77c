package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// A mask is a boolean value (batch, time) that goes with another value: false marks the steps to skip.
// Embedding and Masking make masks; layers then pass, combine, use or drop them as Keras has it:
//
//   - passing: layers of maskPassing give their outputs the mask of their first input;
//   - combining: the merging layers, see mergedMask;
//   - using: layers whose converters ask for x.mask: recurrent ones, attention and pooling;
//   - dropping: every other layer. Keras warns there, and the rest of the model runs unmasked.
//
// A layer of maskUsing whose converter does not ask, though there is a mask, is an error.

// maskPassing are the classes whose outputs have the mask of their first input.
var maskPassing = []string{
	"Activation", "ActivityRegularization", "AlphaDropout", "BatchNormalization", "Dense", "Dropout", "ELU", "GaussianDropout",
	"GaussianNoise", "GroupNormalization", "Identity", "InputLayer", "LayerNormalization", "LeakyReLU", "PReLU", "ReLU", "Softmax",
	"SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "SyncBatchNormalization", "ThresholdedReLU", "TimeDistributed",
	"UnitNormalization",
}

// maskPassing3 are those that do since Keras 3.
var maskPassing3 = []string{"Normalization", "Rescaling"}

// maskUsing are the classes that compute something else where there is a mask.
var maskUsing = []string{
	"AdditiveAttention", "Attention", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "CuDNNGRU", "CuDNNLSTM",
	"GlobalAveragePooling1D", "GroupQueryAttention", "GroupedQueryAttention", "GRU", "LSTM", "MultiHeadAttention", "RNN",
	"SimpleRNN", "Softmax",
}

// merging are the classes that combine the masks of their inputs, see mergedMask.
var merging = []string{"Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"}

// mask returns the mask of an input, nil where it has none.
func (x *emit) mask(v *ir.Value) *ir.Value {
	x.masked = true
	return x.converter.masks[v]
}

// maskArgument returns a mask that the call itself gives, a value of the graph or a constant; nil is none.
func (x *emit) maskArgument(key string) *ir.Value {
	if m := x.words[key]; len(m) == 1 {
		return x.Cast(m[0], tensor.Bool)
	}
	raw := x.call.kwargs[key]
	if raw == nil {
		return nil
	}
	v, err := new(call).operand(raw, 0)
	if list, ok := v.([]any); ok && err == nil {
		v, err = constantOf(list, tensor.Bool)
	}
	if t, ok := v.(tensor.Any); ok && err == nil {
		return x.Cast(x.Const(t), tensor.Bool)
	}
	x.Fail(op.Unsupportedf("a mask that is neither a value of the graph nor a constant"))
	return nil
}

// setMask gives an output its mask; nil is none.
func (x *emit) setMask(v, mask *ir.Value) {
	x.masked = true
	if mask == nil {
		delete(x.converter.masks, v)
		return
	}
	x.converter.masks[v] = mask
}

// setMasks gives a layer's outputs their masks where its converter has not.
func (x *emit) setMasks(out []*ir.Value) {
	if x.masked {
		return
	}
	masks := make([]*ir.Value, len(x.in))
	some := false
	for i, v := range x.in {
		masks[i] = x.converter.masks[v]
		some = some || masks[i] != nil
	}
	if !some {
		return
	}
	var mask *ir.Value
	class := x.layer.Class
	switch {
	case isOperation(x.layer):
	case (slices.Contains(merging, class) || class == "Concatenate") && !x.converter.keras2() && !x.converter.since(3, 4):
		// Keras 3.0 to 3.3 look for a mask on the list of inputs, where there is none.
	case slices.Contains(maskUsing, class):
		x.Fail(op.Unsupportedf("a mask on what a layer of class %s reads", class))
		return
	case slices.Contains(maskPassing, class), slices.Contains(maskPassing3, class) && !x.converter.keras2():
		mask = masks[0]
	case slices.Contains(merging, class):
		mask = x.mergedMask(masks)
	case class == "Concatenate":
		mask = x.concatenatedMask(masks)
	}
	for _, v := range out {
		if v != nil && !(mask == nil && slices.Contains(x.in, v)) {
			x.setMask(v, mask)
		}
	}
}

// mergedMask is the or of masks, none where one is missing; in Keras 2 it is the and of those there are.
func (x *emit) mergedMask(masks []*ir.Value) *ir.Value {
	combine := "Or"
	if x.converter.keras2() {
		combine = "And"
		masks = slices.DeleteFunc(slices.Clone(masks), func(m *ir.Value) bool { return m == nil })
	}
	if slices.Contains(masks, nil) {
		return nil
	}
	out := masks[0]
	for _, m := range masks[1:] {
		if m != out {
			out = x.Op(combine, out, m)
		}
	}
	return out
}

// concatenatedMask combines the masks where the values are joined along the last axis; along another axis
// the masks are joined like the values.
func (x *emit) concatenatedMask(masks []*ir.Value) *ir.Value {
	rank := x.in[0].Fact.Rank()
	axis := x.layer.integer("axis", -1)
	if axis < 0 {
		axis += rank
	}
	if axis == rank-1 {
		return x.mergedMask(masks) // a value without a mask counts at every step
	}
	for i, m := range masks {
		if m == nil {
			shape := x.Op("Slice", x.Shape(x.in[i]), x.Ints(0), x.Ints(rank-1))
			masks[i] = x.Expand(x.Const(tensor.Scalar(true)), shape)
		} else if m.Fact.Rank() != rank-1 {
			x.Fail(op.Unsupportedf("joining masks of rank %d for values of rank %d", m.Fact.Rank(), rank))
			return nil
		}
	}
	return x.Concat(axis, masks...)
}

// masking sets steps to zero whose features all equal a number, and masks them.
func masking(x *emit) []*ir.Value {
	x.noCall("mask")
	v := x.in[0]
	// Unequal in one feature: the largest of the comparisons.
	ne := x.Cast(x.Op("Not", x.Op("Equal", v, x.Scalar(v, x.layer.num("mask_value", 0)))), tensor.Int32)
	some := x.Cast(x.Reduce("ReduceMax", ne, true, -1), tensor.Bool)
	y := x.Where(some, v, x.Scalar(v, 0))
	x.setMask(y, x.Squeeze(some, -1))
	return one(y)
}

// steps is the order of a mask: which brings the steps that count to the front, and back. Running a
// recurrent layer over those alone is what Keras does with a mask, whatever its pattern.
type steps struct {
	mask    *ir.Value // (batch, time)
	order   *ir.Value // (batch, time, 1): the indices of the steps that count, then of the others
	lengths *ir.Value // (batch) int32: how many count, 1 where none does
	some    *ir.Value // (batch, 1): one counts
	upTo    *ir.Value // (batch, time): how many count up to and with each step
	ones    *ir.Value // (batch, time): the mask in numbers
}

// stepsOf emits the order of a mask, once.
func (x *emit) stepsOf(mask *ir.Value) *steps {
	if s := x.converter.steps[mask]; s != nil {
		return s
	}
	s := &steps{mask: mask}
	s.ones = x.Cast(mask, tensor.Int64)
	zero, oneOf := x.Const(tensor.Scalar(int64(0))), x.Const(tensor.Scalar(int64(1)))
	size := x.Gather(x.Shape(mask), x.Ints(1), 0)
	ramp := x.Op("Range", zero, x.Squeeze(size, 0), oneOf)
	key := x.Where(mask, ramp, x.Add(ramp, size))
	top := x.Emit(2, "TopK", []*ir.Value{key, size}, op.Attr("axis", 1), op.Attr("largest", 0), op.Attr("sorted", 1))
	s.order = x.Unsqueeze(top[1], 2)
	s.upTo = x.Op("CumSum", s.ones, oneOf)
	count := x.Sum(s.ones, true, 1)
	s.some = x.Op("Greater", count, zero)
	s.lengths = x.Cast(x.Squeeze(x.Op("Max", count, oneOf), 1), tensor.Int32)
	x.converter.steps[mask] = s
	return s
}

// pick takes steps of a (batch, time, ...) value by index.
func (x *emit) pick(v, index *ir.Value) *ir.Value {
	return x.Emit(1, "GatherND", []*ir.Value{v, index}, op.Attr("batch_dims", 1))[0]
}

// back brings a sequence over the steps that count, in their order, to all steps. A step that is
// masked has the output of the one run before it (after it, for a layer that goes backwards), zero
// where there is none or zeros is set.
func (x *emit) back(y *ir.Value, s *steps, backwards, zeros bool) *ir.Value {
	zero := x.Const(tensor.Scalar(int64(0)))
	one := x.Const(tensor.Scalar(int64(1)))
	var index, valid *ir.Value
	switch {
	case zeros || !backwards:
		index = x.Op("Max", x.Sub(s.upTo, one), zero)
		if valid = s.mask; !zeros {
			valid = x.Op("Greater", s.upTo, zero)
		}
	default:
		before := x.Sub(s.upTo, s.ones)
		count := x.Sum(s.ones, true, 1)
		valid = x.Op("Less", before, count)
		index = x.Op("Max", x.Op("Min", before, x.Sub(count, one)), zero)
	}
	y = x.pick(y, x.Unsqueeze(index, 2))
	return x.Where(x.Unsqueeze(valid, 2), y, x.Scalar(y, 0))
}

// averageMasked is GlobalAveragePooling1D, which leaves masked steps out.
func averageMasked(plain convertFunc) convertFunc {
	return func(x *emit) []*ir.Value {
		v := x.in[0]
		mask := x.maskArgument("mask")
		if mask == nil {
			mask = x.mask(v)
		}
		if mask == nil {
			return plain(x)
		}
		x.noCall("mask")
		time, features := 1, 2
		if x.layer.text("data_format", "channels_last") == "channels_first" {
			time, features = 2, 1
		}
		keep := x.layer.flag("keepdims", false)
		mask = x.Unsqueeze(mask, features)
		sum := x.Sum(x.Where(mask, v, x.Scalar(v, 0)), keep, time)
		y := x.Div(sum, x.Sum(x.Cast(mask, v.Fact.DType), keep, time))
		x.setMask(y, nil)
		return one(y)
	}
}
