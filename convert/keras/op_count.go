package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// countOperations adds statistics of several values: histograms, correlations, what there is once.
func countOperations(m map[string]operation) {
	m["bincount"] = operation{"x weights minlength sparse", func(x *emit, a *arguments) []*ir.Value {
		v := x.Cast(a.value("x"), tensor.Int64)
		w := x.Const(tensor.Scalar(int32(1)))
		if a.has("weights") {
			w = a.asValue("weights", a.get("weights"), nil)
		}
		rank := v.Fact.Rank()
		if rank < 1 || rank > 2 {
			a.fail("x")
			return one(v)
		}
		zeros := x.withZero(v)
		width := x.Op("Max", x.AddScalar(x.Reduce("ReduceMax", zeros, false), 1), x.Const(tensor.Scalar(int64(a.integer("minlength", 0)))))
		shape := x.ReshapeTo(width, 1)
		if rank == 2 {
			shape = x.Concat(0, x.Op("Slice", x.Shape(v), x.Ints(0), x.Ints(1)), shape)
		}
		in := []*ir.Value{x.Expand(x.Scalar(w, 0), shape), v, x.Expand(w, x.Shape(v))}
		return one(x.Emit(1, "ScatterElements", in, op.Attr("axis", rank-1), op.Attr("reduction", "add"))[0])
	}}
	m["histogram"] = operation{"x bins range", histogram}
	m["corrcoef"] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		if v.Fact.Rank() != 2 {
			a.fail("x")
			return one(v)
		}
		d := x.Sub(v, x.Reduce("ReduceMean", v, true, 1))
		d = x.Div(d, x.Reduce("ReduceL2", d, true, 1))
		return one(x.Op("Clip", x.MatMul(d, x.Transpose(d, 1, 0)), x.Scalar(d, -1), x.Scalar(d, 1)))
	}}
	m["correlate"] = operation{"x1 x2 mode", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		u, w := x.float(v[0]), x.float(v[1])
		if u.Fact.Rank() != 1 || w.Fact.Rank() != 1 {
			a.fail("x1")
			return one(u)
		}
		mode := a.text("mode", "valid")
		var pads []ir.Attr
		if mode != "valid" {
			m := x.dim(w, 0)
			pads = append(pads, op.Attr("pads", []int{m - 1, m - 1}))
		}
		y := x.Emit(1, "Conv", []*ir.Value{x.Unsqueeze(u, 0, 1), x.Unsqueeze(w, 0, 1)}, pads...)[0]
		y = x.Squeeze(y, 0, 1)
		if mode != "same" {
			return one(y)
		}
		n, m := x.sizeOf(u, 0), x.sizeOf(w, 0)
		size := x.Op("Max", n, m)
		start := x.Div(x.Sub(x.AddScalar(x.Add(n, m), -1), size), x.Const(tensor.Scalar(int64(2))))
		return one(x.Op("Slice", y, x.ReshapeTo(start, 1), x.ReshapeTo(x.Add(start, size), 1)))
	}}
	m["unique"] = operation{"x sorted return_index return_inverse return_counts axis size fill_value", unique}
}

// withZero adds a zero, which an empty value has a largest element by.
func (x *emit) withZero(v *ir.Value) *ir.Value {
	return x.Concat(0, x.ReshapeTo(v, -1), x.ReshapeTo(x.Scalar(v, 0), 1))
}

// histogram counts the elements between edges, and returns these, too.
func histogram(x *emit, a *arguments) []*ir.Value {
	v, bins := x.ReshapeTo(a.value("x"), -1), a.integer("bins", 10)
	if bins < 1 || bins > maxPieces {
		a.fail("bins")
		return []*ir.Value{v, v}
	}
	kind := v.Fact.DType
	v = x.float(v)
	low, high := x.Reduce("ReduceMin", v, false), x.Reduce("ReduceMax", v, false)
	if r, ok := a.get("range").([]any); ok && len(r) == 2 {
		low, high = a.asValue("range", r[0], v), a.asValue("range", r[1], v)
	}
	steps := make([]float64, bins+1)
	for i := range steps {
		steps[i] = float64(i) / float64(bins)
	}
	t, err := numbers(steps, v.Fact.DType, bins+1)
	if err != nil {
		x.Fail(err)
		return []*ir.Value{v, v}
	}
	edges := x.Cast(x.Add(low, x.Mul(x.Sub(high, low), x.Const(t))), kind)
	inner := x.float(x.slice(edges, 0, 1, -1, 1))
	bin := x.Sum(x.Cast(x.Op("GreaterOrEqual", x.Unsqueeze(v, 1), inner), tensor.Int64), false, 1)
	inside := x.Cast(x.Op("And", x.Op("GreaterOrEqual", v, low), x.Op("LessOrEqual", v, high)), kind)
	zeros := x.Expand(x.Scalar(inside, 0), x.Ints(bins))
	counts := x.Emit(1, "ScatterElements", []*ir.Value{zeros, bin, inside}, op.Attr("reduction", "add"))[0]
	return []*ir.Value{counts, edges}
}

// unique returns each value once, in order, and where it is asked for places and counts; a size cuts them or
// fills them up.
func unique(x *emit, a *arguments) []*ir.Value {
	v := a.value("x")
	if a.has("sorted") && !a.flag("sorted") {
		a.fail("sorted")
	}
	var attrs []ir.Attr
	axis := 0
	if a.has("axis") {
		axis = a.axis("axis", 0, v.Fact.Rank())
		attrs = append(attrs, op.Attr("axis", axis))
	}
	kind := v.Fact.DType
	if !isFloat(kind) {
		v = x.Cast(v, tensor.Int64) // onnxruntime has no other
	}
	out := x.Emit(4, "Unique", one(v), attrs...)
	fit := func(v *ir.Value, axis int, fill float64) *ir.Value {
		n := a.integer("size", 0)
		if n == 0 {
			return v
		}
		pads := make([]int, 2*v.Fact.Rank())
		pads[v.Fact.Rank()+axis] = n
		return x.Slice(x.Op("Pad", v, x.Ints(pads...), x.Scalar(v, fill)), axis, 0, n)
	}
	list := one(x.Cast(fit(out[0], axis, a.num("fill_value", 0)), kind))
	if a.flag("return_index") {
		list = append(list, fit(x.Cast(out[1], tensor.Int32), 0, 1))
	}
	if a.flag("return_inverse") {
		inverse := x.Cast(out[2], tensor.Int32)
		if !a.has("axis") {
			inverse = x.Reshape(inverse, x.Shape(v))
		}
		list = append(list, inverse)
	}
	if a.flag("return_counts") {
		list = append(list, fit(x.Cast(out[3], tensor.Int32), 0, 0))
	}
	return list
}
