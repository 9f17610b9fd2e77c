package keras

import (
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// arrayOperations adds functions that put arrays together, take them apart or make them.
func arrayOperations(m map[string]operation) {
	m["append"] = operation{"x1 x2 axis", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		if !a.has("axis") {
			return one(x.Concat(0, x.ReshapeTo(v[0], -1), x.ReshapeTo(v[1], -1)))
		}
		return one(x.Concat(a.axis("axis", 0, v[0].Fact.Rank()), v...))
	}}
	for name, axis := range map[string]int{"vstack": 0, "hstack": 1, "dstack": 2} {
		m[name] = operation{"xs", func(x *emit, a *arguments) []*ir.Value {
			list, at := a.list("xs"), axis
			if name == "hstack" && list[0].Fact.Rank() < 2 {
				at = 0
			}
			list = slices.Clone(list)
			for i, v := range list {
				switch r := v.Fact.Rank(); {
				case name == "dstack" && r == 2:
					list[i] = x.Unsqueeze(v, 2)
				case name == "dstack" && r < 2, name == "vstack" && r < 2:
					list[i] = x.ReshapeTo(v, [][]int{{1, -1}, {1, -1, 1}}[axis/2]...)
				}
			}
			return one(x.Concat(at, list...))
		}}
	}
	for name, axis := range map[string]int{"vsplit": 0, "hsplit": 1, "dsplit": 2} {
		m[name] = operation{"x indices_or_sections", func(x *emit, a *arguments) []*ir.Value {
			a.values["axis"] = axis
			return splitOperation(x, a)
		}}
	}
	m["array_split"] = operation{"x indices_or_sections axis", arraySplit}
	for name, axis := range map[string]int{"flipud": 0, "fliplr": 1} {
		m[name] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
			return one(x.slice(a.value("x"), axis, -1, math.MinInt, -1))
		}}
	}
	m["rot90"] = operation{"array k axes", rot90}
	m["ndim"] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Const(tensor.Scalar(int32(a.value("x").Fact.Rank()))))
	}}
	m["full"] = operation{"fill_value shape dtype", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("fill_value")
		if a.has("dtype") {
			v = x.Cast(v, a.dtype("dtype", tensor.Float32))
		}
		return one(x.Expand(v, a.sizes("shape")))
	}}
	m["arange"] = operation{"start stop step dtype", arangeOperation}
	m["meshgrid"] = operation{"x1 x2 x3 x4 indexing", meshgrid}
	m["diff"] = operation{"a n axis", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("a")
		axis := a.axis("axis", -1, v.Fact.Rank())
		for range min(a.integer("n", 1), 64) {
			v = x.Sub(x.slice(v, axis, 1, math.MaxInt, 1), x.slice(v, axis, 0, -1, 1))
		}
		return one(v)
	}}
	m["diagonal"] = operation{"x offset axis1 axis2", func(x *emit, a *arguments) []*ir.Value { return one(diagonal(x, a)) }}
	m["trace"] = operation{"x offset axis1 axis2", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Sum(diagonal(x, a), false, -1))
	}}
	m["slice"] = operation{"inputs start_indices shape", func(x *emit, a *arguments) []*ir.Value {
		v, start, size := a.value("inputs"), a.sizes("start_indices"), a.sizes("shape")
		return one(x.Op("Slice", v, start, x.Add(start, size), x.Ints(count(v.Fact.Rank())...)))
	}}
	m["scatter_update"] = operation{"inputs indices updates reduction", scatterUpdate}
	m["select"] = operation{"condlist choicelist default", func(x *emit, a *arguments) []*ir.Value {
		conditions, choices := a.list("condlist"), a.list("choicelist")
		y := a.asValue("default", a.get("default"), choices[0])
		if !a.has("default") {
			y = x.Scalar(choices[0], 0)
		}
		if len(conditions) != len(choices) {
			a.fail("choicelist")
			return one(y)
		}
		for i := len(choices) - 1; i >= 0; i-- {
			y = x.Where(x.Cast(conditions[i], tensor.Bool), choices[i], y)
		}
		return one(y)
	}}
	for name, params := range map[string]string{"search_sorted": "sorted_sequence values side", "digitize": "values sorted_sequence side"} {
		m[name] = operation{strings.Replace(params, "values sorted_sequence side", "x bins", 1), searchSorted}
	}
	m["is_in"] = operation{"x1 x2 assume_unique invert", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		a.get("assume_unique")
		rank := v[0].Fact.Rank()
		equal := x.Cast(x.Op("Equal", x.Unsqueeze(v[0], rank), x.ReshapeTo(v[1], -1)), tensor.Int32)
		y := x.Cast(x.Reduce("ReduceMax", equal, false, rank), tensor.Bool)
		if a.flag("invert") {
			y = x.Op("Not", y)
		}
		return one(y)
	}}
	m["rearrange"] = operation{"tensor pattern", rearrange}
}

func arraySplit(x *emit, a *arguments) []*ir.Value {
	n, ok := whole(a.get("indices_or_sections"))
	if !ok {
		return splitOperation(x, a)
	}
	v := a.value("x")
	axis := a.axis("axis", 0, v.Fact.Rank())
	size := x.dim(v, axis)
	if n < 1 || n > maxPieces {
		a.fail("indices_or_sections")
		return one(v)
	}
	sizes := make([]int, n)
	for i := range sizes {
		sizes[i] = size / n
		if i < size%n {
			sizes[i]++
		}
	}
	return x.cut(v, axis, sizes, false)
}

func rot90(x *emit, a *arguments) []*ir.Value {
	v := a.value("array")
	rank := v.Fact.Rank()
	if !a.has("axes") {
		a.values["axes"] = []any{0, 1}
	}
	axes := a.axes("axes", rank)
	if len(axes) != 2 || axes[0] == axes[1] {
		a.fail("axes")
		return one(v)
	}
	perm := count(rank)
	perm[axes[0]], perm[axes[1]] = axes[1], axes[0]
	flip := func(v *ir.Value, axis int) *ir.Value { return x.slice(v, axis, -1, math.MinInt, -1) }
	switch ((a.integer("k", 1) % 4) + 4) % 4 {
	case 1:
		return one(x.Transpose(flip(v, axes[1]), perm...))
	case 2:
		return one(flip(flip(v, axes[0]), axes[1]))
	case 3:
		return one(flip(x.Transpose(v, perm...), axes[1]))
	}
	return one(x.Op("Identity", v))
}

// arangeOperation is a range whose ends are values of the graph.
func arangeOperation(x *emit, a *arguments) []*ir.Value {
	d := a.dtype("dtype", tensor.Int32)
	part := func(key string, def float64) *ir.Value {
		v := x.Scalar(&ir.Value{Fact: ir.Typed(d)}, def)
		if a.has(key) {
			v = x.Cast(a.asValue(key, a.get(key), v), d)
		}
		return x.ReshapeTo(v)
	}
	if !a.has("stop") {
		a.values["stop"], a.values["start"] = a.get("start"), 0
	}
	return one(x.Op("Range", part("start", 0), part("stop", 0), part("step", 1)))
}

func meshgrid(x *emit, a *arguments) []*ir.Value {
	var list []any
	for _, k := range []string{"x1", "x2", "x3", "x4"} {
		if v := a.get(k); v != nil {
			list = append(list, v)
		}
	}
	in := a.promoted("x1", list)
	places := count(len(in))
	if a.text("indexing", "xy") == "xy" && len(in) > 1 {
		places[0], places[1] = 1, 0
	}
	sizes := make([]*ir.Value, len(in))
	out := make([]*ir.Value, len(in))
	for i, v := range in {
		v = x.ReshapeTo(v, -1)
		sizes[places[i]] = x.Shape(v)
		shape := slices.Repeat([]int{1}, len(in))
		shape[places[i]] = -1
		out[i] = x.ReshapeTo(v, shape...)
	}
	if len(in) == 1 {
		return out
	}
	whole := x.Concat(0, sizes...)
	for i := range out {
		out[i] = x.Expand(out[i], whole)
	}
	return out
}

// diagonal takes a diagonal of two axes of known size, which becomes the last axis.
func diagonal(x *emit, a *arguments) *ir.Value {
	v := a.value("x")
	rank := v.Fact.Rank()
	i, k, offset := a.axis("axis1", 0, rank), a.axis("axis2", 1, rank), a.integer("offset", 0)
	n, m := x.dim(v, i), x.dim(v, k)
	if x.Err() != nil || i == k || max(offset, -offset) > maxPieces {
		a.fail("axis2")
		return v
	}
	v = x.joinedLast(v, []int{i, k})
	var at []int
	for r := range n {
		if c := r + offset; c >= 0 && c < m {
			at = append(at, r*m+c)
		}
	}
	return x.Gather(v, x.Ints(at...), v.Fact.Rank()-1)
}

// scatterUpdate writes rows at indices (n, depth); repeated indices count once without a reduction.
func scatterUpdate(x *emit, a *arguments) []*ir.Value {
	v := a.value("inputs")
	in := []*ir.Value{v, x.Cast(a.indices("indices"), tensor.Int64), x.Cast(a.asValue("updates", a.get("updates"), v), v.Fact.DType)}
	reduction := a.text("reduction", "none")
	if reduction == "none" {
		return x.Emit(1, "ScatterND", in)
	}
	return x.Emit(1, "ScatterND", in, op.Attr("reduction", reduction))
}

// searchSorted counts the elements of a sorted row that lie before each value.
func searchSorted(x *emit, a *arguments) []*ir.Value {
	row, values, compare := "sorted_sequence", "values", "Less"
	if a.has("bins") {
		row, values, compare = "bins", "x", "LessOrEqual"
	} else if a.text("side", "left") == "right" {
		compare = "LessOrEqual"
	}
	v := a.alike(row, values)
	if v[0].Fact.Rank() != 1 {
		a.fail(row)
		return one(v[1])
	}
	rank := v[1].Fact.Rank()
	before := x.Op(compare, v[0], x.Unsqueeze(v[1], rank))
	return one(x.Sum(x.Cast(before, tensor.Int32), false, rank))
}

// rearrange is einops' function of that name for patterns that only permute axes, join and split them.
func rearrange(x *emit, a *arguments) []*ir.Value {
	v := a.value("tensor")
	from, to, ok := strings.Cut(a.text("pattern", ""), "->")
	left, right := axisGroups(from), axisGroups(to)
	if !ok || left == nil || right == nil || len(left) != v.Fact.Rank() {
		a.fail("pattern")
		return one(v)
	}
	size := map[string]int{}
	var names []string
	for i, g := range left {
		free, product := "", 1
		for _, n := range g {
			if k, given := whole(a.get(n)); given {
				size[n] = k
				product *= k
			} else if free == "" {
				free = n
			} else {
				a.fail("pattern")
				return one(v)
			}
		}
		if total, known := v.Fact.Shape[i].Int(); free != "" && known && product > 0 {
			size[free] = total / product
		} else if free != "" {
			size[free] = -1
		}
		names = append(names, g...)
	}
	var perm, shape []int
	for _, g := range right {
		product := 1
		for _, n := range g {
			i := slices.Index(names, n)
			if i < 0 {
				a.fail("pattern")
				return one(v)
			}
			perm = append(perm, i)
			if size[n] < 0 || product < 0 {
				product = -1
			} else {
				product *= size[n]
			}
		}
		shape = append(shape, product)
	}
	split := make([]int, len(names))
	free := 0
	for i, n := range names {
		if split[i] = size[n]; split[i] < 0 {
			free++
		}
	}
	if len(perm) != len(names) || free > 1 {
		a.fail("pattern")
		return one(v)
	}
	if len(names) != len(left) {
		v = x.ReshapeTo(v, split...)
	}
	if !slices.IsSorted(perm) {
		v = x.Transpose(v, perm...)
	}
	if len(right) != len(names) {
		v = x.ReshapeTo(v, shape...)
	}
	return one(v)
}

// axisGroups reads one side of a pattern: "b (h w) c" is [b], [h w], [c]; nil where it is another thing.
func axisGroups(side string) [][]string {
	var out [][]string
	var open []string
	inside := false
	side = strings.NewReplacer("(", " ( ", ")", " ) ").Replace(side)
	for _, w := range strings.Fields(side) {
		switch {
		case w == "(" && !inside:
			inside, open = true, nil
		case w == ")" && inside:
			inside, out = false, append(out, open)
		case w == "..." || w == "1" || w == "(" || w == ")":
			return nil
		case inside:
			open = append(open, w)
		default:
			out = append(out, []string{w})
		}
	}
	if inside {
		return nil
	}
	return out
}
