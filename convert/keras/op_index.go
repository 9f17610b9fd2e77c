package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// indexOperations adds the functions that pick elements.
func indexOperations(m map[string]operation) {
	m["get_item"] = operation{"x key", getItem}
	m["take"] = operation{"x indices axis", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		if !a.has("axis") {
			v, a.values["axis"] = x.ReshapeTo(v, -1), 0
		}
		return one(x.Gather(v, a.indices("indices"), a.axis("axis", 0, v.Fact.Rank())))
	}}
	m["take_along_axis"] = operation{"x indices axis", func(x *emit, a *arguments) []*ir.Value {
		v, at := a.value("x"), a.indices("indices")
		axis := a.axis("axis", -1, v.Fact.Rank())
		v, at = x.repeated(v, at, axis), x.repeated(at, v, axis)
		return one(x.Emit(1, "GatherElements", []*ir.Value{v, at}, op.Attr("axis", axis))[0])
	}}
	m["one_hot"] = operation{"x num_classes axis dtype sparse", func(x *emit, a *arguments) []*ir.Value {
		v := a.indices("x")
		return one(x.oneHot(v, a.integer("num_classes", 0), a.axis("axis", -1, v.Fact.Rank()+1), a.dtype("dtype", tensor.Float32)))
	}}
	m["flip"] = operation{"x axis", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		axes := a.axes("axis", v.Fact.Rank())
		if axes == nil {
			axes = count(v.Fact.Rank())
		}
		for _, axis := range axes {
			v = x.slice(v, axis, -1, math.MinInt, -1)
		}
		return one(v)
	}}
	m["roll"] = operation{"x shift axis", rollOperation}
	m["top_k"] = operation{"x k sorted", func(x *emit, a *arguments) []*ir.Value {
		k := x.Ints(1)
		if a.has("k") {
			k = x.ReshapeTo(a.sizes("k"), 1)
		}
		a.get("sorted")
		out := x.Emit(2, "TopK", []*ir.Value{a.value("x"), k}, op.Attr("axis", -1))
		return []*ir.Value{out[0], x.Cast(out[1], tensor.Int32)}
	}}
	m["sort"] = operation{"x axis", func(x *emit, a *arguments) []*ir.Value {
		v, _ := sorted(x, a)
		return one(v)
	}}
}

// rollOperation moves elements along axes, those that leave at the end come in at the start. None is all
// elements in a row.
func rollOperation(x *emit, a *arguments) []*ir.Value {
	v, shift := a.value("x"), a.ints("shift")
	if !a.has("axis") {
		sum := 0
		for _, s := range shift {
			sum += s
		}
		return one(x.Reshape(x.rolled(x.ReshapeTo(v, -1), 0, sum), x.Shape(v)))
	}
	axes := a.axes("axis", v.Fact.Rank())
	if len(axes) == 0 || len(shift) != len(axes) {
		a.fail("axis")
		return one(v)
	}
	for i, axis := range axes {
		v = x.rolled(v, axis, shift[i])
	}
	return one(v)
}

// rolled moves elements along an axis. Where its size is not known, the graph finds where to cut.
func (x *emit) rolled(v *ir.Value, axis, shift int) *ir.Value {
	if n, ok := v.Fact.Shape[axis].Int(); ok {
		k := ((shift % max(n, 1)) + n) % max(n, 1)
		if k == 0 {
			return v
		}
		return x.Concat(axis, x.Slice(v, axis, n-k, n), x.Slice(v, axis, 0, n-k))
	}
	size := x.Gather(x.Shape(v), x.Ints(axis), 0)
	cut := x.Op("Mod", x.Ints(-shift), x.Op("Max", size, x.Ints(1)))
	head := x.Op("Slice", v, x.Ints(0), cut, x.Ints(axis))
	return x.Concat(axis, x.Op("Slice", v, cut, size, x.Ints(axis)), head)
}

// sorted sorts along an axis, smallest first; None in the file is all elements in a row. It returns the
// elements and where they were.
func sorted(x *emit, a *arguments) (v, places *ir.Value) {
	v = a.value("x")
	if axis, given := a.values["axis"]; given && axis == nil {
		v, a.values["axis"] = x.ReshapeTo(v, -1), 0
	}
	axis, d := a.axis("axis", -1, v.Fact.Rank()), v.Fact.DType
	size := x.Op("Gather", x.Shape(v), x.Ints(axis))
	if d == tensor.Bool {
		v = x.Cast(v, tensor.Int32)
	}
	out := x.Emit(2, "TopK", []*ir.Value{v, size}, op.Attr("axis", axis), op.Attr("largest", 0))
	return x.Cast(out[0], d), out[1]
}

// indices returns an argument as integers.
func (a *arguments) indices(key string) *ir.Value {
	v := a.asValue(key, a.get(key), &ir.Value{Fact: ir.Typed(tensor.Int64)})
	if d := v.Fact.DType; d != tensor.Int32 && d != tensor.Int64 {
		return a.x.Cast(v, tensor.Int64)
	}
	return v
}

// oneHot encodes indices; those outside of [0,depth) become zeros, as in Keras.
func (x *emit) oneHot(v *ir.Value, depth, axis int, d tensor.DType) *ir.Value {
	v = x.Cast(v, tensor.Int64) // onnxruntime has no other
	// ONNX counts negative indices from the end: depth, which is never one, stands for them.
	in := x.Where(x.Op("Less", v, x.Scalar(v, 0)), x.Scalar(v, float64(depth)), v)
	values := x.Const(tensor.Vector[float32](0, 1))
	if d == tensor.Int64 {
		values = x.Ints(0, 1)
	}
	y := x.Emit(1, "OneHot", []*ir.Value{in, x.Const(tensor.Scalar(int64(depth))), values}, op.Attr("axis", axis))[0]
	if d != tensor.Int64 && d != tensor.Float32 {
		y = x.Cast(y, d)
	}
	return y
}

// slice takes elements from start to stop, as ONNX's Slice reads them.
func (x *emit) slice(v *ir.Value, axis, start, stop, step int) *ir.Value {
	return x.Op("Slice", v, x.Ints(start), x.Ints(stop), x.Ints(axis), x.Ints(step))
}

// getItem is x[key]: integers, slices, None and an ellipsis.
func getItem(x *emit, a *arguments) []*ir.Value {
	v := a.value("x")
	key, ok := a.get("key").([]any)
	if !ok {
		key = []any{a.get("key")}
	}
	rank, used := v.Fact.Rank(), 0
	for _, k := range key {
		if _, dots := k.(ellipsis); !dots && k != nil {
			used++
		}
	}
	if used > rank {
		x.Fail(op.Shapef("%d indices on %v", used, v.Fact))
		return one(v)
	}
	var drop, add []int // axes of v that an integer takes, axes of the result that None adds
	var at []any
	axis, out := 0, 0
	for _, k := range key {
		switch k := k.(type) {
		case nil:
			add = append(add, out)
			out++
		case ellipsis:
			axis += rank - used
			out += rank - used
		case span:
			v = x.sliced(v, axis, k, a)
			axis++
			out++
		default:
			drop, at = append(drop, axis), append(at, k)
			axis++
		}
	}
	for i := len(drop) - 1; i >= 0; i-- {
		index := a.asValue("key", at[i], &ir.Value{Fact: ir.Typed(tensor.Int64)})
		if x.Err() == nil && (index.Fact.Rank() != 0 || isFloat(index.Fact.DType) || index.Fact.DType == tensor.Bool) {
			x.Fail(op.Unsupportedf("an index that is an array"))
		}
		v = x.Gather(v, index, drop[i])
	}
	if len(add) > 0 {
		v = x.Unsqueeze(v, add...)
	}
	return one(v)
}

// sliced applies a Python slice to an axis.
func (x *emit) sliced(v *ir.Value, axis int, s span, a *arguments) *ir.Value {
	if s.start == nil && s.stop == nil && s.step == nil {
		return v
	}
	step := 1
	if s.step != nil {
		var ok bool
		if step, ok = whole(s.step); !ok || step == 0 {
			a.fail("key")
			return v
		}
	}
	bound := func(b any, def int) *ir.Value {
		switch b := b.(type) {
		case nil:
			return x.Ints(def)
		case *ir.Value:
			return x.ReshapeTo(x.Cast(b, tensor.Int64), 1)
		}
		n, ok := whole(b)
		if !ok {
			a.fail("key")
		}
		return x.Ints(n)
	}
	from, to := 0, math.MaxInt
	if step < 0 {
		from, to = -1, math.MinInt
	}
	return x.Op("Slice", v, bound(s.start, from), bound(s.stop, to), x.Ints(axis), x.Ints(step))
}

// repeated repeats v along the axes but one in which it has size 1 and like has not.
func (x *emit) repeated(v, like *ir.Value, but int) *ir.Value {
	for k, d := range v.Fact.Shape {
		if size, ok := d.Int(); !ok || size != 1 || k == but || k >= like.Fact.Rank() {
			continue
		}
		if n, ok := like.Fact.Shape[k].Int(); !ok || n != 1 {
			shape := x.Shape(like)
			return x.Expand(v, x.Concat(0, x.Op("Slice", shape, x.Ints(0), x.Ints(but)), x.Ints(1), x.Op("Slice", shape, x.Ints(but+1), x.Ints(v.Fact.Rank()))))
		}
	}
	return v
}
