package keras

import (
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// alike returns values in the widest of their types, as Keras 3 adds and joins integers and floats.
func (x *emit) alike(in []*ir.Value) []*ir.Value {
	var like *ir.Value
	for _, v := range in {
		like = wider(like, v)
	}
	out := slices.Clone(in)
	for i, v := range in {
		if v.Fact.DType != like.Fact.DType && x.Err() == nil {
			out[i] = x.Cast(v, like.Fact.DType)
		}
	}
	return out
}

// aligned returns the inputs of a merging layer with one type and rank: axes of size 1 go in behind the batch.
func (x *emit) aligned() []*ir.Value {
	rank := 0
	for _, v := range x.in {
		rank = max(rank, v.Fact.Rank())
	}
	out := x.alike(x.in)
	for i, v := range out {
		if r := v.Fact.Rank(); r < rank {
			if r < 1 {
				x.Fail(op.Shapef("input %v: its rank must be known", v.Fact))
				return x.in
			}
			var axes []int
			for k := range rank - r {
				axes = append(axes, k+1)
			}
			out[i] = x.Unsqueeze(v, axes...)
		}
	}
	return out
}

// add is the sum of its inputs.
func add(x *emit) []*ir.Value {
	x.noCall("mask")
	return one(x.total(x.aligned()))
}

// average is the mean of its inputs, a float of integers too.
func average(x *emit) []*ir.Value {
	x.noCall("mask")
	in := x.aligned()
	if in[0].Fact.DType.IsFloat() {
		return one(x.Op("Mean", in...))
	}
	sum := x.Cast(x.total(in), tensor.Float32)
	return one(x.Div(sum, x.Scalar(sum, float64(len(in)))))
}

// total adds values of one type: by Sum where there are several floats, for which alone ONNX has it.
func (x *emit) total(in []*ir.Value) *ir.Value {
	if len(in) > 2 && in[0].Fact.DType.IsFloat() {
		return x.Op("Sum", in...)
	}
	y := in[0]
	for _, v := range in[1:] {
		y = x.Add(y, v)
	}
	return y
}

// extremum converts Maximum and Minimum. In Keras 3.4 and newer a step that a mask leaves out of an input does not count,
// where another input has it.
func extremum(name string) convertFunc {
	return func(x *emit) []*ir.Value {
		x.noCall("mask")
		in := x.aligned()
		masks := make([]*ir.Value, len(in))
		if !x.converter.keras2() && x.converter.since(3, 4) {
			for i, v := range in {
				masks[i] = x.stepMask(v, x.mask(x.in[i]))
			}
		}
		if !slices.ContainsFunc(masks, func(m *ir.Value) bool { return m != nil }) {
			return one(x.Op(name, in...))
		}
		y, on := in[0], masks[0]
		for i, v := range in[1:] {
			mask := masks[i+1]
			if mask != nil {
				v = x.Where(mask, v, y)
			}
			if on != nil {
				y = x.Where(on, y, v)
			}
			if mask == nil || on == nil {
				on = nil // what has no mask counts at every step
			} else {
				on = x.Op("Or", on, mask)
			}
			y = x.Op(name, y, v)
		}
		if on != nil {
			on = x.Squeeze(on, -1)
		}
		x.setMask(y, on)
		return one(y)
	}
}

// multiply is the product of its inputs, element by element. In Keras 3.4 and newer, what a mask leaves out of a factor
// counts as 1, and as 0 where all of them do.
func multiply(x *emit) []*ir.Value {
	x.noCall("mask")
	in := x.aligned()
	masks := make([]*ir.Value, len(in))
	if !x.converter.keras2() && x.converter.since(3, 4) {
		for i, v := range in {
			masks[i] = x.mask(x.in[i])
			in[i] = x.oneWhereMasked(v, masks[i])
		}
	}
	y := in[0]
	for _, v := range in[1:] {
		y = x.Mul(y, v)
	}
	if !slices.Contains(masks, nil) {
		on := x.mergedMask(masks)
		y = x.Where(x.Unsqueeze(on, -1), y, x.Scalar(y, 0))
		x.setMask(y, on)
	}
	return one(y)
}

// oneWhereMasked replaces the steps that a mask leaves out by 1, as factors in Keras 3.4 and newer.
func (x *emit) oneWhereMasked(v, mask *ir.Value) *ir.Value {
	if mask = x.stepMask(v, mask); mask == nil {
		return v
	}
	return x.Where(mask, v, x.Scalar(v, 1))
}

// stepMask brings a mask of steps to the rank of the value that it belongs to; nil stays nil.
func (x *emit) stepMask(v, mask *ir.Value) *ir.Value {
	if mask == nil {
		return nil
	}
	if mask.Fact.Rank()+1 != v.Fact.Rank() {
		x.Fail(op.Unsupportedf("a mask of rank %d on an input of rank %d of a layer that merges", mask.Fact.Rank(), v.Fact.Rank()))
		return nil
	}
	return x.Unsqueeze(mask, -1)
}

// subtract is the first of two inputs without the second.
func subtract(x *emit) []*ir.Value {
	x.noCall("mask")
	in := x.aligned()
	if len(in) != 2 {
		x.Fail(op.Malformedf("%d inputs, expected 2", len(in)))
		return in[:1]
	}
	return one(x.Sub(in[0], in[1]))
}

// customScale is x0 + scale·x1, as the InceptionResNetV2 of keras.applications has it.
func customScale(x *emit) []*ir.Value {
	x.noCall()
	if len(x.in) != 2 {
		x.Fail(op.Malformedf("a CustomScaleLayer on %d values", len(x.in)))
		return x.in
	}
	return one(x.Add(x.in[0], x.Scale(x.in[1], x.layer.num("scale", 1))))
}

// dot sums products over an axis of each of two inputs, for each sample.
func dot(x *emit) []*ir.Value {
	x.noCall("mask")
	if len(x.in) != 2 {
		x.Fail(op.Malformedf("%d inputs, expected 2", len(x.in)))
		return x.in[:1]
	}
	axes := x.layer.ints("axes", 2)
	a, b := x.in[0], x.in[1]
	ra, rb := a.Fact.Rank(), b.Fact.Rank()
	if len(axes) != 2 || ra < 2 || rb < 2 || ra+rb > 20 {
		x.Fail(argument("axes", x.layer.get("axes")))
		return x.in[:1]
	}
	i, k := x.axis(axes[0], ra), x.axis(axes[1], rb)
	if i == 0 || k == 0 {
		x.Fail(argument("axes", x.layer.get("axes")))
		return x.in[:1]
	}
	if x.layer.flag("normalize", false) {
		a, b = x.unit(a, i), x.unit(b, k)
	}
	switch {
	case ra == 2 && rb == 2:
		return one(x.Sum(x.Mul(a, b), true, 1))
	case ra == 3 && rb == 3 && i == 2:
		if k == 2 {
			b = x.Transpose(b, 0, 2, 1)
		}
		return one(x.MatMul(a, b))
	}
	// Letters: a is the batch, z the axis that is summed over.
	next := byte('b')
	name := func(rank, summed int) (all, rest string) {
		for d := 1; d < rank; d++ {
			if d == summed {
				all += "z"
				continue
			}
			all, rest = all+string(next), rest+string(next)
			next++
		}
		return all, rest
	}
	allA, restA := name(ra, i)
	allB, restB := name(rb, k)
	equation := "a" + allA + ",a" + allB + "->a" + restA + restB
	return one(x.einsum(equation, a, b))
}

// einsumDense is activation(einsum(equation, x, kernel) + bias).
func einsumDense(x *emit) []*ir.Value {
	x.noCall()
	for _, k := range []string{"output_shape", "gptq_unpacked_column_size"} {
		x.layer.get(k)
	}
	equation := strings.ReplaceAll(x.layer.text("equation", ""), " ", "")
	kernel := x.any("kernel")
	if kernel == nil {
		return x.in[:1]
	}
	var y *ir.Value
	if isMatMul(equation) {
		y = x.MatMul(x.in[0], kernel)
	} else {
		y = x.einsum(equation, x.in[0], kernel)
	}
	if x.layer.has("bias_axes") {
		if bias := x.any("bias"); bias != nil {
			y = x.Add(y, bias)
		}
	}
	return one(x.activate("activation", y))
}

// any takes the next weight whatever its shape is.
func (x *emit) any(name string) *ir.Value {
	if len(x.weights) == 0 {
		x.Fail(op.Malformedf("the file has no weight %s", name))
		return nil
	}
	t := x.weights[0]
	x.weights = x.weights[1:]
	x.record(name, t)
	return x.constant(name, t)
}

// isMatMul reports whether an equation is that of a Dense layer: abc,cd->abd.
func isMatMul(equation string) bool {
	in, out, ok := strings.Cut(equation, "->")
	a, b, ok2 := strings.Cut(in, ",")
	if !ok || !ok2 || len(b) != 2 || len(a) < 2 || b[0] == b[1] || strings.ContainsAny(b, ".") {
		return false
	}
	rest, last := a[:len(a)-1], a[len(a)-1]
	if last != b[0] || out != rest+string(b[1]) || strings.ContainsRune(rest, rune(last)) || strings.ContainsRune(rest, rune(b[1])) {
		return false
	}
	rest = strings.TrimPrefix(rest, "...")
	for i := range rest {
		if rest[i] == '.' || strings.IndexByte(rest, rest[i]) != i {
			return false
		}
	}
	return true
}
