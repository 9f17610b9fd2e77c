package keras

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// reduceOperations adds functions over axes that take several operators.
func reduceOperations(m map[string]operation) {
	m["average"] = operation{"x axis weights", averageOperation}
	m["ptp"] = operation{"x axis keepdims", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		return one(x.Sub(a.reduce("ReduceMax", v), a.reduce("ReduceMin", v)))
	}}
	m["count_nonzero"] = operation{"x axis keepdims dtype", func(x *emit, a *arguments) []*ir.Value {
		v := x.Cast(x.Cast(a.value("x"), tensor.Bool), tensor.Int32)
		return one(x.Cast(a.reduce("ReduceSum", v), a.dtype("dtype", tensor.Int32)))
	}}
	m["moments"] = operation{"x axes keepdims synchronized", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		axes := a.axes("axes", v.Fact.Rank())
		d := x.Sub(v, x.Reduce("ReduceMean", v, true, axes...))
		keep := a.flag("keepdims")
		return []*ir.Value{x.Reduce("ReduceMean", v, keep, axes...), x.Reduce("ReduceMean", x.Mul(d, d), keep, axes...)}
	}}
	m["norm"] = operation{"x ord axis keepdims", normOperation}
	m["normalize"] = operation{"x axis order epsilon", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		if !a.has("axis") {
			a.values["axis"] = -1
		}
		axes, eps := a.axes("axis", v.Fact.Rank()), a.num("epsilon", 1e-7)
		var norm *ir.Value
		if p := a.num("order", 2); len(axes) == 2 && p != 2 {
			norm = x.matrixNorm(v, p, true, axes)
		} else {
			norm = x.pNorm(v, p, true, axes)
		}
		return one(x.Div(v, x.Op("Max", norm, x.Scalar(norm, eps))))
	}}
	for name, p := range map[string]struct {
		reduce string
		fill   float64
	}{"nansum": {"ReduceSum", 0}, "nanprod": {"ReduceProd", 1}, "nanmax": {"ReduceMax", math.Inf(-1)}, "nanmin": {"ReduceMin", math.Inf(1)}} {
		m[name] = operation{"x axis keepdims", func(x *emit, a *arguments) []*ir.Value {
			v := x.float(a.value("x"))
			return one(a.reduce(p.reduce, x.Where(x.Op("IsNaN", v), x.Scalar(v, p.fill), v)))
		}}
	}
	m["nanmean"] = operation{"x axis keepdims", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		missing := x.Op("IsNaN", v)
		count := a.reduce("ReduceSum", x.Cast(x.Op("Not", missing), v.Fact.DType))
		return one(x.Div(a.reduce("ReduceSum", x.Where(missing, x.Scalar(v, 0), v)), count))
	}}
	for name, root := range map[string]bool{"nanvar": false, "nanstd": true} {
		m[name] = operation{"x axis keepdims", func(x *emit, a *arguments) []*ir.Value {
			v := x.float(a.value("x"))
			axes := a.axes("axis", v.Fact.Rank())
			missing := x.Op("IsNaN", v)
			there := x.Cast(x.Op("Not", missing), v.Fact.DType)
			mean := x.Div(x.Sum(x.Where(missing, x.Scalar(v, 0), v), true, axes...), x.Sum(there, true, axes...))
			d := x.Where(missing, x.Scalar(v, 0), x.Sub(v, mean))
			y := x.Div(a.reduce("ReduceSum", x.Mul(d, d)), a.reduce("ReduceSum", there))
			if root {
				y = x.Op("Sqrt", y)
			}
			return one(y)
		}}
	}
	m["argsort"] = operation{"x axis", func(x *emit, a *arguments) []*ir.Value {
		_, places := sorted(x, a)
		return one(x.Cast(places, tensor.Int32))
	}}
	m["in_top_k"] = operation{"targets predictions k", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("predictions"))
		target := x.Emit(1, "GatherElements", []*ir.Value{v, x.Unsqueeze(a.indices("targets"), 1)}, op.Attr("axis", 1))[0]
		above := x.Sum(x.Cast(x.Op("Greater", v, target), tensor.Int32), false, 1)
		return one(x.Op("Less", above, x.Scalar(above, a.num("k", 1))))
	}}
	quantileOperations(m)
	segmentOperations(m)
}

func averageOperation(x *emit, a *arguments) []*ir.Value {
	v := x.float(a.value("x"))
	if !a.has("weights") {
		return one(a.reduce("ReduceMean", v))
	}
	w := a.asValue("weights", a.get("weights"), v)
	if w.Fact.DType != v.Fact.DType {
		w = x.Cast(w, v.Fact.DType)
	}
	if axes := a.axes("axis", v.Fact.Rank()); len(axes) == 1 && w.Fact.Rank() == 1 {
		for range v.Fact.Rank() - 1 - axes[0] {
			w = x.Unsqueeze(w, w.Fact.Rank())
		}
	}
	return one(x.Div(a.reduce("ReduceSum", x.Mul(v, w)), a.reduce("ReduceSum", x.Mul(w, x.Expand(x.Scalar(v, 1), x.Shape(v))))))
}

// normOperation is the norm of vectors, or the Frobenius norm of matrices and of everything.
func normOperation(x *emit, a *arguments) []*ir.Value {
	v := x.float(a.value("x"))
	axes, keep := a.axes("axis", v.Fact.Rank()), a.flag("keepdims")
	ord := a.get("ord")
	if ord == nil || ord == "fro" {
		return one(x.Reduce("ReduceL2", v, keep, axes...))
	}
	p, ok := number(ord)
	if s, isText := ord.(string); isText && !ok {
		p, ok = map[string]float64{"inf": math.Inf(1), "-inf": math.Inf(-1)}[s], s == "inf" || s == "-inf"
	}
	if axes == nil {
		axes = count(v.Fact.Rank())
	}
	switch {
	case ok && len(axes) == 1:
		return one(x.pNorm(v, p, keep, axes))
	case ok && len(axes) == 2 && p != 2 && p != -2: // those are singular values
		return one(x.matrixNorm(v, p, keep, axes))
	}
	a.fail("ord")
	return one(v)
}

// matrixNorm is the largest sum of the absolute values of a column (p = 1) or a row (p infinite) of the
// matrices in two axes, the smallest for -1 and minus infinity.
func (x *emit) matrixNorm(v *ir.Value, p float64, keep bool, axes []int) *ir.Value {
	rows, columns := axes[0], axes[1]
	if math.IsInf(p, 0) {
		rows, columns = columns, rows
	} else if p != 1 && p != -1 {
		x.Fail(op.Unsupportedf("a norm of order %v of matrices", p))
		return v
	}
	extreme := "ReduceMax"
	if p < 0 {
		extreme = "ReduceMin"
	}
	y := x.Reduce(extreme, x.Reduce("ReduceL1", v, true, rows), true, columns)
	if keep {
		return y
	}
	return x.Squeeze(y, axes...)
}

// pNorm is the p-th root of the sum of the p-th powers.
func (x *emit) pNorm(v *ir.Value, p float64, keep bool, axes []int) *ir.Value {
	switch {
	case p == 1:
		return x.Reduce("ReduceL1", v, keep, axes...)
	case p == 2:
		return x.Reduce("ReduceL2", v, keep, axes...)
	case math.IsInf(p, 1):
		return x.Reduce("ReduceMax", x.Op("Abs", v), keep, axes...)
	case math.IsInf(p, -1):
		return x.Reduce("ReduceMin", x.Op("Abs", v), keep, axes...)
	case p == 0:
		return x.Sum(x.Cast(x.Cast(v, tensor.Bool), v.Fact.DType), keep, axes...)
	}
	sum := x.Sum(x.Op("Pow", x.Op("Abs", v), x.Scalar(v, p)), keep, axes...)
	return x.Op("Pow", sum, x.Scalar(v, 1/p))
}

// joinedLast brings axes to the end and joins them.
func (x *emit) joinedLast(v *ir.Value, axes []int) *ir.Value {
	rank := v.Fact.Rank()
	var perm, shape []int
	for i := range rank {
		if !slices.Contains(axes, i) {
			perm = append(perm, i)
			shape = append(shape, 0)
		}
	}
	perm = append(perm, axes...)
	if !slices.IsSorted(perm) {
		v = x.Transpose(v, perm...)
	}
	if len(axes) == 1 {
		return v
	}
	return x.ReshapeTo(v, append(shape, -1)...)
}

// segmentOperations adds reductions of rows that have the same number.
func segmentOperations(m map[string]operation) {
	for name, p := range map[string]struct {
		reduction string
		start     float64
	}{"segment_sum": {"add", 0}, "segment_prod": {"mul", 1}, "segment_max": {"max", -math.MaxFloat32}, "segment_min": {"min", math.MaxFloat32}} {
		m[name] = operation{"data segment_ids num_segments sorted", func(x *emit, a *arguments) []*ir.Value {
			v, ids := a.value("data"), x.Cast(a.indices("segment_ids"), tensor.Int64)
			a.get("sorted")
			shape := x.ReshapeTo(x.AddScalar(x.Reduce("ReduceMax", ids, false), 1), 1)
			if n := a.integer("num_segments", 0); n > 0 && n <= maxPieces {
				shape = x.Ints(n)
			} else if a.has("num_segments") {
				a.fail("num_segments")
				return one(v)
			}
			if v.Fact.Rank() > 1 {
				shape = x.Concat(0, shape, x.Op("Slice", x.Shape(v), x.Ints(1), x.Ints(v.Fact.Rank())))
			}
			start := p.start
			if v.Fact.DType == tensor.Int32 {
				start = min(max(start, math.MinInt32), math.MaxInt32)
			}
			in := []*ir.Value{x.Expand(x.Scalar(v, start), shape), x.Unsqueeze(ids, 1), v}
			return one(x.Emit(1, "ScatterND", in, op.Attr("reduction", p.reduction))[0])
		}}
	}
}
