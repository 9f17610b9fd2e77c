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
func cross(x *emit, a *arguments) []*ir.Value {
	v := a.alike("x1", "x2")
	for _, k := range []string{"axis", "axisa", "axisb", "axisc"} {
		if n, ok := whole(a.get(k)); a.has(k) && (!ok || n != -1 && n != v[0].Fact.Rank()-1) {
			a.fail(k)
		}
	}
	last := v[0].Fact.Rank() - 1
	if x.dim(v[0], last) != 3 || x.dim(v[1], -1) != 3 {
		a.fail("x1")
		return one(v[0])
	}
	turn := func(u *ir.Value, at ...int) *ir.Value { return x.Gather(u, x.Ints(at...), u.Fact.Rank()-1) }
	return one(x.Sub(x.Mul(turn(v[0], 1, 2, 0), turn(v[1], 2, 0, 1)), x.Mul(turn(v[0], 2, 0, 1), turn(v[1], 1, 2, 0))))
}
