package keras

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// quantileOperations adds quantile, percentile and median, and those of the elements that are numbers.
func quantileOperations(m map[string]operation) {
	m["quantile"] = operation{"x q axis method keepdims", func(x *emit, a *arguments) []*ir.Value {
		a.get("method") // Keras's layer does not pass it on
		return one(a.quantiles(1, quantileOf(x, a, "linear")))
	}}
	m["percentile"] = operation{"x q axis method keepdims", func(x *emit, a *arguments) []*ir.Value {
		return one(a.quantiles(100, quantileOf(x, a, a.text("method", "linear"))))
	}}
	m["median"] = operation{"x axis keepdims", func(x *emit, a *arguments) []*ir.Value { return one(quantileOf(x, a, "linear")(.5)) }}
	for name, scale := range map[string]float32{"nanquantile": 1, "nanpercentile": 100} {
		m[name] = operation{"x q axis method keepdims", func(x *emit, a *arguments) []*ir.Value {
			return one(a.quantiles(scale, nanQuantileOf(x, a, a.text("method", "linear"))))
		}}
	}
	m["nanmedian"] = operation{"x axis keepdims", func(x *emit, a *arguments) []*ir.Value {
		return one(nanQuantileOf(x, a, "linear")(.5))
	}}
}

// maxQuantiles bounds how many a call asks for.
const maxQuantiles = 1 << 12

// quantiles emits the quantile or quantiles that the argument q says, in parts of scale: several are along a new first
// axis. Keras has q in float32, also as it looks for the element.
func (a *arguments) quantiles(scale float32, emit func(q float64) *ir.Value) *ir.Value {
	q, single := number(a.get("q"))
	list := []float64{q}
	if t, ok := a.get("q").(tensor.Any); ok {
		list, _ = tensor.Floats[float64](t)
		single = len(t.Shape()) == 0
	} else if !single {
		list = a.floats("q")
	}
	if len(list) == 0 || len(list) > maxQuantiles {
		a.fail("q")
		return a.value("x")
	}
	out := make([]*ir.Value, len(list))
	for i, q := range list {
		part := float32(q) / scale
		if !(part >= 0 && part <= 1) {
			a.fail("q")
			return a.value("x")
		}
		out[i] = emit(float64(part))
	}
	if single {
		return out[0]
	}
	return a.x.stacked(out, 0)
}

// quantilePlaces say by method where a quantile lies that is between two elements: from the first whole number not
// above it, to the first not below.
var quantilePlaces = map[string]func(at float64) float64{
	"linear":  func(at float64) float64 { return at },
	"lower":   math.Floor,
	"higher":  math.Ceil,
	"nearest": math.RoundToEven,
	"midpoint": func(at float64) float64 {
		return (math.Floor(at) + math.Ceil(at)) / 2
	},
}

// placeOf is quantilePlaces of a value of the graph.
func (x *emit) placeOf(method string, at *ir.Value) *ir.Value {
	switch method {
	case "lower":
		return x.Op("Floor", at)
	case "higher":
		return x.Op("Ceil", at)
	case "nearest":
		return x.Op("Round", at)
	case "midpoint":
		return x.Scale(x.Add(x.Op("Floor", at), x.Op("Ceil", at)), .5)
	}
	return at
}

// quantileInput is a function's first argument with its axes joined at the end, and what gives a quantile of it the
// shape that the function returns.
func (a *arguments) quantileInput(method string) (y *ir.Value, shaped func(*ir.Value) *ir.Value) {
	x := a.x
	v := x.float(a.value("x"))
	keep, axes := a.flag("keepdims"), a.axes("axis", v.Fact.Rank())
	if axes == nil {
		axes = count(v.Fact.Rank())
	}
	if quantilePlaces[method] == nil {
		a.fail("method")
	}
	y = x.joinedLast(v, axes)
	return y, func(q *ir.Value) *ir.Value {
		if q = x.Squeeze(q, y.Fact.Rank()-1); keep {
			q = x.Unsqueeze(q, slices.Sorted(slices.Values(axes))...)
		}
		return q
	}
}

// quantileOf returns what emits the q-th quantile of a function's first argument along its axes. Where one of the
// elements is no number, the quantile is none either.
func quantileOf(x *emit, a *arguments, method string) func(q float64) *ir.Value {
	y, shaped := a.quantileInput(method)
	last := y.Fact.Rank() - 1
	if x.Err() != nil || last < 0 {
		return func(float64) *ir.Value { return y }
	}
	missing := x.Cast(x.Reduce("ReduceMax", x.Cast(x.Op("IsNaN", y), tensor.Int32), true, last), tensor.Bool)
	n, known := y.Fact.Shape[last].Int()
	if !known {
		sorted, size := x.ascending(y)
		most := x.AddScalar(x.Cast(size, tensor.Float64), -1)
		return func(q float64) *ir.Value {
			y := x.between(x.placeOf(method, x.Scale(most, q)), func(at *ir.Value) *ir.Value { return x.Gather(sorted, at, last) })
			return shaped(x.Where(missing, x.Scalar(y, math.NaN()), y))
		}
	}
	if n == 0 {
		x.Fail(op.Shapef("a quantile of no elements"))
		return func(float64) *ir.Value { return y }
	}
	sorted, _ := x.ascending(y)
	return func(q float64) *ir.Value {
		at := quantilePlaces[method](q * float64(n-1))
		low := int(math.Floor(at))
		y := x.Slice(sorted, last, low, low+1)
		if part := at - float64(low); part > 0 {
			y = x.Add(y, x.Scale(x.Sub(x.Slice(sorted, last, low+1, low+2), y), part))
		}
		return shaped(x.Where(missing, x.Scalar(y, math.NaN()), y))
	}
}

// ascending sorts along the last axis, and returns how many elements it has.
func (x *emit) ascending(v *ir.Value) (sorted, size *ir.Value) {
	last := v.Fact.Rank() - 1
	if n, known := v.Fact.Shape[last].Int(); known {
		size = x.Ints(n)
	} else {
		size = x.Gather(x.Shape(v), x.Ints(last), 0)
	}
	return x.Emit(2, "TopK", []*ir.Value{v, size}, op.Attr("axis", last), op.Attr("largest", 0))[0], size
}

// between is the element at a place, which may lie between two, in proportion.
func (x *emit) between(at *ir.Value, pick func(*ir.Value) *ir.Value) *ir.Value {
	floor := x.Op("Floor", at)
	low := pick(x.Cast(floor, tensor.Int64))
	high := pick(x.Cast(x.Op("Ceil", at), tensor.Int64))
	y := x.Add(low, x.Mul(x.Sub(high, low), x.Cast(x.Sub(at, floor), low.Fact.DType)))
	return x.Where(x.Op("Equal", low, high), low, y) // infinities have no difference
}

// nanQuantileOf is quantileOf of the elements that are numbers alone.
func nanQuantileOf(x *emit, a *arguments, method string) func(q float64) *ir.Value {
	y, shaped := a.quantileInput(method)
	last := y.Fact.Rank() - 1
	if x.Err() != nil || last < 0 {
		return func(float64) *ir.Value { return y }
	}
	missing := x.Op("IsNaN", y)
	sorted, _ := x.ascending(x.Where(missing, x.Scalar(y, math.Inf(1)), y))
	count := x.Sum(x.Cast(x.Op("Not", missing), tensor.Int64), true, last)
	none := x.Op("Equal", count, x.Scalar(count, 0))
	most := x.Cast(x.Op("Max", x.AddScalar(count, -1), x.Scalar(count, 0)), tensor.Float64)
	return func(q float64) *ir.Value {
		y := x.between(x.placeOf(method, x.Scale(most, q)), func(at *ir.Value) *ir.Value {
			return x.Emit(1, "GatherElements", []*ir.Value{sorted, at}, op.Attr("axis", last))[0]
		})
		return shaped(x.Where(none, x.Scalar(y, math.NaN()), y))
	}
}
