package keras

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// shapeOperations adds the functions that move elements.
func shapeOperations(m map[string]operation) {
	m["reshape"] = operation{"x newshape", reshapeOperation}
	m["ravel"] = operation{"x", func(x *emit, a *arguments) []*ir.Value { return one(x.ReshapeTo(a.value("x"), -1)) }}
	m["shape"] = operation{"x dtype", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Cast(x.Shape(a.value("x")), a.dtype("dtype", tensor.Int32)))
	}}
	m["size"] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Cast(x.Op("Size", a.value("x")), tensor.Int32))
	}}
	m["transpose"] = operation{"x axes", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		perm := a.axes("axes", v.Fact.Rank())
		if perm == nil {
			for i := v.Fact.Rank() - 1; i >= 0; i-- {
				perm = append(perm, i)
			}
		}
		return one(x.Transpose(v, perm...))
	}}
	m["swapaxes"] = operation{"x axis1 axis2", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		perm := count(v.Fact.Rank())
		i, k := a.axis("axis1", 0, len(perm)), a.axis("axis2", 0, len(perm))
		if x.Err() == nil {
			perm[i], perm[k] = perm[k], perm[i]
		}
		return one(x.Transpose(v, perm...))
	}}
	m["moveaxis"] = operation{"x source destination", moveAxis}
	m["expand_dims"] = operation{"x axis", func(x *emit, a *arguments) []*ir.Value {
		axes := a.ints("axis")
		return one(x.Unsqueeze(a.value("x"), axes...))
	}}
	m["squeeze"] = operation{"x axis", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		axes := a.axes("axis", v.Fact.Rank())
		if axes == nil {
			for i := range v.Fact.Rank() {
				if x.dim(v, i) == 1 {
					axes = append(axes, i)
				}
			}
		}
		if len(axes) == 0 {
			return one(x.Op("Identity", v))
		}
		return one(x.Squeeze(v, axes...))
	}}
	m["concatenate"] = operation{"xs axis", func(x *emit, a *arguments) []*ir.Value {
		list := a.list("xs")
		axis := a.axis("axis", 0, list[0].Fact.Rank())
		if len(list) == 1 {
			return one(x.Op("Identity", list[0]))
		}
		return one(x.Concat(axis, list...))
	}}
	m["stack"] = operation{"x axis", func(x *emit, a *arguments) []*ir.Value {
		list := a.list("x")
		return one(x.stacked(list, a.axis("axis", 0, list[0].Fact.Rank()+1)))
	}}
	m["split"] = operation{"x indices_or_sections axis", splitOperation}
	m["unstack"] = operation{"x num axis", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		axis := a.axis("axis", 0, v.Fact.Rank())
		n := x.dim(v, axis)
		if k := a.integer("num", n); k != n {
			a.fail("num")
		}
		return x.pieces(v, axis, n, true)
	}}
	m["broadcast_to"] = operation{"x shape", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Expand(a.value("x"), a.sizes("shape")))
	}}
	for name, v := range map[string]float64{"zeros_like": 0, "empty_like": 0, "ones_like": 1} {
		m[name] = operation{"x dtype", func(x *emit, a *arguments) []*ir.Value {
			like := a.value("x")
			if a.has("dtype") {
				like = x.Cast(like, a.dtype("dtype", tensor.Float32))
			}
			return one(x.Expand(x.Scalar(like, v), x.Shape(like)))
		}}
	}
	m["full_like"] = operation{"x fill_value dtype", func(x *emit, a *arguments) []*ir.Value {
		like := a.value("x")
		if a.has("dtype") {
			like = x.Cast(like, a.dtype("dtype", tensor.Float32))
		}
		return one(x.Expand(x.Cast(a.asValue("fill_value", a.get("fill_value"), like), like.Fact.DType), x.Shape(like)))
	}}
	m["tile"] = operation{"x repeats", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		if !isKnown(a.get("repeats")) {
			return one(x.Op("Tile", v, a.sizes("repeats")))
		}
		r := a.ints("repeats")
		for len(r) < v.Fact.Rank() {
			r = append([]int{1}, r...)
		}
		if more := len(r) - v.Fact.Rank(); more > 0 {
			v = x.Unsqueeze(v, count(more)...)
		}
		return one(x.Op("Tile", v, x.Ints(r...)))
	}}
	m["repeat"] = operation{"x repeats axis", repeatOperation}
	m["pad"] = operation{"x pad_width mode constant_values", padOperation}
	for name, upper := range map[string]int{"triu": 1, "tril": 0} {
		m[name] = operation{"x k", func(x *emit, a *arguments) []*ir.Value {
			k := x.Const(tensor.Scalar(int64(a.integer("k", 0))))
			v := a.value("x")
			d := v.Fact.DType
			if !isFloat(d) && d != tensor.Bool { // onnxruntime has no Trilu of smaller integers
				v = x.Cast(v, tensor.Int64)
			}
			return one(x.Cast(x.Emit(1, "Trilu", []*ir.Value{v, k}, op.Attr("upper", upper))[0], d))
		}}
	}
}

// count returns 0, 1, ... n-1.
func count(n int) []int {
	out := make([]int, max(n, 0))
	for i := range out {
		out[i] = i
	}
	return out
}

func reshapeOperation(x *emit, a *arguments) []*ir.Value {
	v := a.value("x")
	list, _ := a.get("newshape").([]any)
	free := 0
	for _, s := range list {
		if n, ok := whole(s); s == nil || ok && n == -1 {
			free++
		}
	}
	// A size that Keras did not know is null: the batch's where another one is free, too.
	if free == 2 && list[0] == nil {
		list = slices.Clone(list)
		list[0] = 0
		a.values["newshape"] = list
	} else if free > 1 {
		a.fail("newshape")
	} else if slices.ContainsFunc(list, func(s any) bool { n, ok := whole(s); return ok && n == 0 }) {
		a.fail("newshape") // 0 copies a size in ONNX
	}
	return one(x.Reshape(v, a.sizes("newshape")))
}

func moveAxis(x *emit, a *arguments) []*ir.Value {
	v := a.value("x")
	from, to := a.axes("source", v.Fact.Rank()), a.axes("destination", v.Fact.Rank())
	if len(from) != len(to) {
		a.fail("destination")
		return one(v)
	}
	perm := make([]int, v.Fact.Rank())
	for i := range perm {
		perm[i] = -1
	}
	for i := range from {
		perm[to[i]] = from[i]
	}
	next := 0
	for i := range perm {
		if perm[i] >= 0 {
			continue
		}
		for slices.Contains(from, next) {
			next++
		}
		perm[i] = next
		next++
	}
	return one(x.Transpose(v, perm...))
}

// maxPieces bounds what one node is split into.
const maxPieces = 1 << 16

// pieces splits an axis into n equal parts; alone drops the axis.
func (x *emit) pieces(v *ir.Value, axis, n int, alone bool) []*ir.Value {
	size := x.dim(v, axis)
	if n <= 0 || n > maxPieces || size%n != 0 {
		x.Fail(op.Shapef("axis %d of %v into %d parts", axis, v.Fact, n))
		return one(v)
	}
	return x.cut(v, axis, slices.Repeat([]int{size / n}, n), alone)
}

func (x *emit) cut(v *ir.Value, axis int, sizes []int, alone bool) []*ir.Value {
	out := x.Emit(len(sizes), "Split", []*ir.Value{v, x.Ints(sizes...)}, op.Attr("axis", axis))
	if alone {
		out = slices.Clone(out)
		for i := range out {
			out[i] = x.Squeeze(out[i], axis)
		}
	}
	return out
}

func splitOperation(x *emit, a *arguments) []*ir.Value {
	v := a.value("x")
	axis := a.axis("axis", 0, v.Fact.Rank())
	if n, ok := whole(a.get("indices_or_sections")); ok {
		return x.pieces(v, axis, n, false)
	}
	size, last := x.dim(v, axis), 0
	var sizes []int
	for _, at := range append(a.ints("indices_or_sections"), size) {
		if at < last || at > size {
			a.fail("indices_or_sections")
			return one(v)
		}
		sizes = append(sizes, at-last)
		last = at
	}
	return x.cut(v, axis, sizes, false)
}

// repeatOperation repeats each element, not the whole as tile does.
func repeatOperation(x *emit, a *arguments) []*ir.Value {
	v := a.value("x")
	if !a.has("axis") {
		v, a.values["axis"] = x.ReshapeTo(v, -1), 0
	}
	axis := a.axis("axis", 0, v.Fact.Rank())
	if n, ok := a.get("repeats").(*ir.Value); ok && !isKnown(n) && n.Fact.Rank() == 0 && x.Err() == nil {
		return one(x.repeatedBy(v, axis, n))
	}
	if list := a.ints("repeats"); len(list) != 1 {
		return one(x.repeatedEach(a, v, axis, list))
	}
	n := a.ints("repeats")[0]
	if n < 1 {
		a.fail("repeats")
	}
	rank := v.Fact.Rank()
	times := slices.Repeat([]int{1}, rank+1)
	times[min(axis+1, rank)] = n
	wide := x.Op("Tile", x.Unsqueeze(v, axis+1), x.Ints(times...))
	shape := x.Op("Mul", x.Shape(v), x.Ints(append(slices.Repeat([]int{1}, axis), append([]int{n}, slices.Repeat([]int{1}, max(0, rank-axis-1))...)...)...))
	return one(x.Reshape(wide, shape))
}

// repeatedBy repeats each slice along an axis n times, which the graph computes.
func (x *emit) repeatedBy(v *ir.Value, axis int, n *ir.Value) *ir.Value {
	n = x.ReshapeTo(x.Cast(n, tensor.Int64), 1)
	times := func(rank, axis int) *ir.Value { // n along an axis, 1 along the others
		parts := []*ir.Value{n}
		if axis > 0 {
			parts = []*ir.Value{x.Ints(slices.Repeat([]int{1}, axis)...), n}
		}
		if more := rank - axis - 1; more > 0 {
			parts = append(parts, x.Ints(slices.Repeat([]int{1}, more)...))
		}
		if len(parts) == 1 {
			return n
		}
		return x.Concat(0, parts...)
	}
	rank := v.Fact.Rank()
	if v.Fact.Shape[axis].Is(1) {
		return x.Op("Tile", v, times(rank, axis))
	}
	wide := x.Op("Tile", x.Unsqueeze(v, axis+1), times(rank+1, axis+1))
	return x.Reshape(wide, x.Op("Mul", x.Shape(v), times(rank, axis)))
}

// repeatedEach repeats each slice along an axis as often as a list says.
func (x *emit) repeatedEach(a *arguments, v *ir.Value, axis int, repeats []int) *ir.Value {
	n := x.dim(v, axis)
	if len(repeats) == 1 {
		repeats = slices.Repeat(repeats, n)
	}
	if x.Err() != nil || len(repeats) != n {
		a.fail("repeats")
		return v
	}
	var index []int
	for i, k := range repeats {
		if k < 0 || k > 1<<20 || len(index) > 1<<20 {
			a.fail("repeats")
			return v
		}
		index = append(index, slices.Repeat([]int{i}, k)...)
	}
	return x.Gather(v, x.Ints(index...), axis)
}

// mirrored pads with what lies within the edge, the edge included.
func (x *emit) mirrored(v *ir.Value, begin, end []int) *ir.Value {
	for axis := range begin {
		parts := []*ir.Value{v}
		if n := begin[axis]; n > 0 {
			parts = []*ir.Value{x.slice(v, axis, n-1, math.MinInt, -1), v}
		}
		if n := end[axis]; n > 0 {
			parts = append(parts, x.slice(v, axis, -1, -n-1, -1))
		}
		if len(parts) > 1 {
			v = x.Concat(axis, parts...)
		}
	}
	return v
}

func padOperation(x *emit, a *arguments) []*ir.Value {
	v := a.value("x")
	rank := v.Fact.Rank()
	begin, end := make([]int, rank), make([]int, rank)
	list, ok := a.get("pad_width").([]any)
	if len(list) == 1 && rank > 1 {
		list = slices.Repeat(list, rank)
	}
	if ok = ok && len(list) == rank; ok {
		for i, p := range list {
			pair, _ := p.([]any)
			if len(pair) != 2 {
				ok = false
				break
			}
			b, ok1 := whole(pair[0])
			e, ok2 := whole(pair[1])
			begin[i], end[i], ok = b, e, ok && ok1 && ok2
		}
	} else if n, isWhole := whole(a.get("pad_width")); isWhole {
		for i := range begin {
			begin[i], end[i] = n, n
		}
		ok = true
	}
	if !ok {
		a.fail("pad_width")
		return one(v)
	}
	in := []*ir.Value{v, x.Ints(append(begin, end...)...)}
	mode := a.text("mode", "constant")
	switch mode {
	case "constant":
		in = append(in, x.Scalar(v, a.num("constant_values", 0)))
	case "reflect":
		if f, ok := number(a.get("constant_values")); ok && f != 0 {
			a.fail("constant_values")
		}
	case "symmetric":
		a.get("constant_values")
		return one(x.mirrored(v, begin, end))
	default:
		a.fail("mode")
	}
	return one(x.Emit(1, "Pad", in, op.Attr("mode", mode))[0])
}
