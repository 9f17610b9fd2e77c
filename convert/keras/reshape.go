package keras

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// reshape gives each sample another shape.
func reshape(x *emit) []*ir.Value {
	x.noCall()
	if !x.layer.has("target_shape") {
		x.Fail(argument("target_shape", nil))
		return x.in[:1]
	}
	shape := []int{0}
	for _, n := range x.layer.ints("target_shape", 1) {
		if n == 0 || n < -1 || n > math.MaxInt32 {
			x.Fail(argument("target_shape", x.layer.get("target_shape")))
			return x.in[:1]
		}
		shape = append(shape, n)
	}
	return one(x.ReshapeTo(x.in[0], shape...))
}

// permute puts the axes behind the batch in another order; dims count from 1.
func permute(x *emit) []*ir.Value {
	x.noCall()
	perm := append([]int{0}, x.layer.ints("dims", 1)...)
	sorted := slices.Clone(perm)
	slices.Sort(sorted)
	for i, p := range sorted {
		if i != p {
			x.Fail(argument("dims", x.layer.get("dims")))
			return x.in[:1]
		}
	}
	if !x.rank(len(perm)) {
		return x.in[:1]
	}
	return one(x.Transpose(x.in[0], perm...))
}

// repeatVector repeats vectors along a new axis 1.
func repeatVector(x *emit) []*ir.Value {
	x.noCall()
	n := x.layer.integer("n", 0)
	if !x.rank(2) || n < 1 || n > maxWindow {
		x.Fail(argument("n", n))
		return x.in[:1]
	}
	return one(x.Expand(x.Unsqueeze(x.in[0], 1), x.Ints(1, n, 1)))
}

// pairs reads how much is padded or cropped at both ends of n axes: a number for all, a list of numbers
// for both ends each (n = 1: the two ends), or a list of pairs.
func (x *emit) pairs(key string, n int) [][2]int {
	bad := func() [][2]int {
		x.Fail(argument(key, x.layer.get(key)))
		return make([][2]int, n)
	}
	size := func(v any) (int, bool) {
		n, ok := whole(v)
		return n, ok && n >= 0 && n <= maxWindow
	}
	v := x.layer.get(key)
	if v == nil {
		v = 1
	}
	if k, ok := size(v); ok {
		return slices.Repeat([][2]int{{k, k}}, n)
	}
	list, ok := v.([]any)
	if n == 1 && ok && len(list) == 2 {
		list = []any{list}
	}
	if !ok || len(list) != n {
		return bad()
	}
	out := make([][2]int, n)
	for i, e := range list {
		if k, ok := size(e); ok {
			out[i] = [2]int{k, k}
			continue
		}
		p, ok := e.([]any)
		if !ok || len(p) != 2 {
			return bad()
		}
		a, ok1 := size(p[0])
		b, ok2 := size(p[1])
		if !ok1 || !ok2 {
			return bad()
		}
		out[i] = [2]int{a, b}
	}
	return out
}

// zeroPadding converts ZeroPadding1D to 3D.
func zeroPadding(n int) convertFunc {
	return func(x *emit) []*ir.Value {
		x.noCall()
		first, p := x.channelsFirst(), x.pairs("padding", n)
		if !x.rank(n + 2) {
			return x.in[:1]
		}
		pads := make([]int, 2*(n+2))
		for i, a := range spaceAxes(n, first) {
			pads[a], pads[a+n+2] = p[i][0], p[i][1]
		}
		return one(x.Op("Pad", x.in[0], x.Ints(pads...)))
	}
}

// cropping converts Cropping1D to 3D.
func cropping(n int) convertFunc {
	return func(x *emit) []*ir.Value {
		x.noCall()
		first, p := x.channelsFirst(), x.pairs("cropping", n)
		if !x.rank(n + 2) {
			return x.in[:1]
		}
		v := x.in[0]
		axes := spaceAxes(n, first)
		starts, ends := make([]int, n), make([]int, n)
		for i, a := range axes {
			starts[i], ends[i] = p[i][0], -p[i][1]
			if p[i][1] == 0 {
				ends[i] = math.MaxInt
			}
			if size, ok := v.Fact.Shape[a].Int(); ok && p[i][0]+p[i][1] >= size {
				x.Fail(op.Shapef("cropping %v of %v leaves nothing", p, v.Fact))
				return one(v)
			}
		}
		return one(x.Op("Slice", v, x.Ints(starts...), x.Ints(ends...), x.Ints(axes...)))
	}
}
