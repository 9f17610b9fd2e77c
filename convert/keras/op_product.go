package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
)

// productOperations adds products of arrays.
func productOperations(m map[string]operation) {
	m["dot"] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		r, s := v[0].Fact.Rank(), v[1].Fact.Rank()
		switch {
		case r == 0 || s == 0:
			return one(x.Mul(v[0], v[1]))
		case s == 1:
			return one(x.MatMul(v[0], v[1]))
		}
		return one(x.contract(v[0], v[1], []int{r - 1}, []int{s - 2}))
	}}
	m["inner"] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		return one(x.contract(v[0], v[1], []int{v[0].Fact.Rank() - 1}, []int{v[1].Fact.Rank() - 1}))
	}}
	m["vdot"] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		return one(x.Sum(x.Mul(x.ReshapeTo(v[0], -1), x.ReshapeTo(v[1], -1)), false, 0))
	}}
	m["outer"] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		return one(x.Mul(x.ReshapeTo(v[0], -1, 1), x.ReshapeTo(v[1], 1, -1)))
	}}
	m["tensordot"] = operation{"x1 x2 axes", tensordot}
	m["cross"] = operation{"x1 x2 axisa axisb axisc axis", cross}
	m["c_dist"] = operation{"x y", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x", "y")
		d := x.Sub(x.Unsqueeze(v[0], v[0].Fact.Rank()-1), x.Unsqueeze(v[1], v[1].Fact.Rank()-2))
		return one(x.Reduce("ReduceL2", d, false, -1))
	}}
}

func tensordot(x *emit, a *arguments) []*ir.Value {
	v := a.alike("x1", "x2")
	r, s := v[0].Fact.Rank(), v[1].Fact.Rank()
	n, isNumber := whole(a.get("axes"))
	if !a.has("axes") {
		n, isNumber = 2, true
	}
	if isNumber {
		if n < 0 || n > min(r, s) {
			a.fail("axes")
			return one(v[0])
		}
		left := count(r)[r-n:]
		return one(x.contract(v[0], v[1], left, count(n)))
	}
	pair, _ := a.get("axes").([]any)
	if len(pair) != 2 {
		a.fail("axes")
		return one(v[0])
	}
	a.values["left"], a.values["right"] = pair[0], pair[1]
	left, right := a.axes("left", r), a.axes("right", s)
	if len(left) != len(right) {
		a.fail("axes")
		return one(v[0])
	}
	return one(x.contract(v[0], v[1], left, right))
}

// contract sums products over pairs of axes: the others of u come first, then those of v.
func (x *emit) contract(u, v *ir.Value, left, right []int) *ir.Value {
	r, s := u.Fact.Rank(), v.Fact.Rank()
	if r+s > 26 {
		x.Fail(argument("axes", left))
		return u
	}
	letters := []byte("abcdefghijklmnopqrstuvwxyz")
	first, second := letters[:r:r], slices.Clone(letters[r:r+s])
	for i, axis := range right {
		second[axis] = first[left[i]]
	}
	var out []byte
	for i, l := range first {
		if !slices.Contains(left, i) {
			out = append(out, l)
		}
	}
	for i, l := range second {
		if !slices.Contains(right, i) {
			out = append(out, l)
		}
	}
	return x.einsum(string(first)+","+string(second)+"->"+string(out), u, v)
}

// cross is the product of vectors of three numbers along the last axis.
// cross is the product of vectors of two or three components, along any axes. Where both have two, it is
// the third component alone.
func cross(x *emit, a *arguments) []*ir.Value {
	v := a.alike("x1", "x2")
	if a.has("axis") {
		axis := a.get("axis")
		a.values["axisa"], a.values["axisb"], a.values["axisc"] = axis, axis, axis
	}
	sizes := [2]int{}
	for i, key := range []string{"axisa", "axisb"} {
		rank := v[i].Fact.Rank()
		v[i] = x.moved(v[i], a.axis(key, -1, rank), rank-1)
		if sizes[i] = x.dim(v[i], rank-1); sizes[i] != 2 && sizes[i] != 3 {
			a.fail([]string{"x1", "x2"}[i])
			return one(v[0])
		}
	}
	part := func(i, k int) *ir.Value { // nil where a vector has no such component: it is 0
		if k >= sizes[i] {
			return nil
		}
		return x.Slice(v[i], v[i].Fact.Rank()-1, k, k+1)
	}
	component := func(k, l int) *ir.Value {
		u, w := part(0, k), part(1, l)
		if u == nil || w == nil {
			return nil
		}
		return x.Mul(u, w)
	}
	less := func(u, w *ir.Value) *ir.Value {
		switch {
		case u == nil:
			return x.Neg(w)
		case w == nil:
			return u
		}
		return x.Sub(u, w)
	}
	third := less(component(0, 1), component(1, 0))
	if sizes == [2]int{2, 2} {
		a.get("axisc")
		return one(x.Squeeze(third, -1))
	}
	y := x.Concat(-1, less(component(1, 2), component(2, 1)), less(component(2, 0), component(0, 2)), third)
	rank := y.Fact.Rank()
	return one(x.moved(y, rank-1, a.axis("axisc", -1, rank)))
}

// moved brings an axis to another place.
func (x *emit) moved(v *ir.Value, from, to int) *ir.Value {
	if from == to {
		return v
	}
	perm := slices.Delete(count(v.Fact.Rank()), from, from+1)
	return x.Transpose(v, slices.Insert(perm, to, from)...)
}
