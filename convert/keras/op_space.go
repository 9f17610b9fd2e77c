package keras

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// spaceOperations adds rows of numbers between two ends, and arrays made of arrays.
func spaceOperations(m map[string]operation) {
	m["linspace"] = operation{"start stop num endpoint retstep dtype axis", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("start", "stop")
		y, step := a.between(x.float(v[0]), x.float(v[1]))
		if a.flag("retstep") {
			return []*ir.Value{y, step}
		}
		return one(y)
	}}
	m["logspace"] = operation{"start stop num endpoint base dtype axis", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("start", "stop")
		y, _ := a.between(x.float(v[0]), x.float(v[1]))
		return one(x.Op("Pow", x.Scalar(y, a.num("base", 10)), y))
	}}
	m["geomspace"] = operation{"start stop num endpoint dtype axis", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("start", "stop")
		start, stop := x.float(v[0]), x.float(v[1])
		log := func(v *ir.Value) *ir.Value { return x.Op("Log", x.Op("Abs", v)) }
		y, _ := a.between(log(start), log(stop))
		sign := x.Unsqueeze(x.Op("Sign", start), a.axis("axis", 0, start.Fact.Rank()+1))
		return one(x.Mul(x.Op("Exp", y), sign))
	}}
	m["kron"] = operation{"x1 x2", kron}
	m["vander"] = operation{"x N increasing", func(x *emit, a *arguments) []*ir.Value {
		v, n := a.value("x"), a.integer("N", 0)
		if !a.has("N") {
			n = x.dim(v, 0)
		}
		if n < 1 || n > maxPieces {
			a.fail("N")
			return one(v)
		}
		powers := make([]float64, n)
		for i := range powers {
			powers[i] = float64(n - 1 - i)
			if a.flag("increasing") {
				powers[i] = float64(i)
			}
		}
		p, err := numbers(powers, tensor.Float32, n)
		if err != nil {
			x.Fail(err)
			return one(v)
		}
		y := x.Op("Pow", x.Unsqueeze(x.float(v), v.Fact.Rank()), x.Const(p))
		return one(x.Cast(y, v.Fact.DType))
	}}
	m["unravel_index"] = operation{"indices shape", func(x *emit, a *arguments) []*ir.Value {
		v, shape := a.indices("indices"), a.ints("shape")
		out := make([]*ir.Value, len(shape))
		for i := len(shape) - 1; i >= 0; i-- {
			n := x.Scalar(v, float64(shape[i]))
			out[i] = x.Op("Mod", v, n)
			v = x.Div(x.Sub(v, out[i]), n)
		}
		return out
	}}
	m["trapezoid"] = operation{"y x dx axis", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("y"))
		axis := a.axis("axis", -1, v.Fact.Rank())
		sum := x.Scale(x.Add(x.slice(v, axis, 1, math.MaxInt, 1), x.slice(v, axis, 0, -1, 1)), .5)
		if !a.has("x") {
			return one(x.Scale(x.Sum(sum, false, axis), a.num("dx", 1)))
		}
		at := x.float(a.asValue("x", a.get("x"), v))
		if at.Fact.Rank() != 1 && at.Fact.Rank() != v.Fact.Rank() {
			a.fail("x")
			return one(v)
		}
		k := at.Fact.Rank() - v.Fact.Rank() + axis
		if at.Fact.Rank() == 1 {
			k = 0
		}
		d := x.Sub(x.slice(at, k, 1, math.MaxInt, 1), x.slice(at, k, 0, -1, 1))
		for at.Fact.Rank() == 1 && d.Fact.Rank() < v.Fact.Rank()-axis {
			d = x.Unsqueeze(d, d.Fact.Rank())
		}
		return one(x.Sum(x.Mul(sum, d), false, axis))
	}}
	m["diag"] = operation{"x k", func(x *emit, a *arguments) []*ir.Value { return one(a.diag(a.value("x"))) }}
	m["diagflat"] = operation{"x k", func(x *emit, a *arguments) []*ir.Value {
		return one(a.diag(x.ReshapeTo(a.value("x"), -1)))
	}}
	m["slice_update"] = operation{"inputs start_indices updates", sliceUpdate}
	m["scatter"] = operation{"indices values shape", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("values")
		zeros := x.Expand(x.Scalar(v, 0), a.sizes("shape"))
		return one(x.Emit(1, "ScatterND", []*ir.Value{zeros, x.Cast(a.indices("indices"), tensor.Int64), v}, op.Attr("reduction", "add"))[0])
	}}
	m["cumprod"] = operation{"x axis dtype", cumprod}
	m["nonzero"] = operation{"x", func(x *emit, a *arguments) []*ir.Value { return nonzero(x, a.value("x")) }}
}

// nonzero returns the indices of the elements that are not zero, those of each axis by itself.
func nonzero(x *emit, v *ir.Value) []*ir.Value {
	at := x.Cast(x.Op("NonZero", v), tensor.Int32)
	out := make([]*ir.Value, max(v.Fact.Rank(), 1))
	for i := range out {
		out[i] = x.Gather(at, x.Const(tensor.Scalar(int64(i))), 0)
	}
	return out
}

// between returns num numbers from start to stop along a new axis, and the step.
func (a *arguments) between(start, stop *ir.Value) (y, step *ir.Value) {
	x, n, rank := a.x, a.integer("num", 50), start.Fact.Rank()+1
	if stop.Fact.Rank() >= rank {
		rank = stop.Fact.Rank() + 1
	}
	axis, last := a.axis("axis", 0, rank), n
	if !a.has("endpoint") || a.flag("endpoint") {
		last--
	}
	if n < 1 || n > maxPieces || x.Err() != nil {
		a.fail("num")
		return start, start
	}
	d := a.dtype("dtype", start.Fact.DType)
	step = x.Scale(x.Sub(stop, start), 1/float64(max(last, 1)))
	shape := slices.Repeat([]int{1}, rank)
	shape[axis] = n
	i := make([]float64, n)
	for k := range i {
		i[k] = float64(k)
	}
	t, err := numbers(i, start.Fact.DType, shape...)
	if err != nil {
		x.Fail(err)
		return start, start
	}
	y = x.Add(x.Unsqueeze(start, axis), x.Mul(x.Unsqueeze(step, axis), x.Const(t)))
	if !isFloat(d) {
		y = x.Op("Floor", y)
	}
	return x.Cast(y, d), step
}

// kron is the Kronecker product.
func kron(x *emit, a *arguments) []*ir.Value {
	v := a.alike("x1", "x2")
	u, w := v[0], v[1]
	rank := max(u.Fact.Rank(), w.Fact.Rank())
	for u.Fact.Rank() < rank {
		u = x.Unsqueeze(u, 0)
	}
	for w.Fact.Rank() < rank {
		w = x.Unsqueeze(w, 0)
	}
	var odd, even []int
	for i := range rank {
		even, odd = append(even, 2*i), append(odd, 2*i+1)
	}
	y := x.Mul(x.Unsqueeze(u, odd...), x.Unsqueeze(w, even...))
	return one(x.Reshape(y, x.Mul(x.Shape(u), x.Shape(w))))
}

// upTo is 0, 1, ... n-1 of a number n.
func (x *emit) upTo(n *ir.Value) *ir.Value {
	return x.Op("Range", x.Const(tensor.Scalar(int64(0))), n, x.Const(tensor.Scalar(int64(1))))
}

// sizeOf is one size of a value, as a number.
func (x *emit) sizeOf(v *ir.Value, axis int) *ir.Value {
	return x.Gather(x.Shape(v), x.Const(tensor.Scalar(int64(axis))), 0)
}

// diag is a matrix with a vector on its k-th diagonal, or that diagonal of a matrix.
func (a *arguments) diag(v *ir.Value) *ir.Value {
	x, k := a.x, a.integer("k", 0)
	above, below := max(k, 0), max(-k, 0)
	switch v.Fact.Rank() {
	case 1:
		i := x.upTo(x.sizeOf(v, 0))
		on := x.Op("Equal", x.Unsqueeze(i, 1), x.Unsqueeze(i, 0))
		y := x.Where(on, x.Unsqueeze(v, 1), x.Scalar(v, 0))
		if k != 0 {
			y = x.Op("Pad", y, x.Ints(below, above, above, below))
		}
		return y
	case 2:
		less := func(axis, by int) *ir.Value { return x.Sub(x.sizeOf(v, axis), x.Const(tensor.Scalar(int64(by)))) }
		columns := x.sizeOf(v, 1)
		i := x.upTo(x.Op("Min", less(0, below), less(1, above)))
		at := x.Add(x.Mul(x.AddScalar(i, float64(below)), columns), x.AddScalar(i, float64(above)))
		return x.Gather(x.ReshapeTo(v, -1), at, 0)
	}
	a.fail("x")
	return v
}

// sliceUpdate puts values in place of a part of others, which is moved to lie inside of them.
func sliceUpdate(x *emit, a *arguments) []*ir.Value {
	v := a.alike("inputs", "updates")
	y, update := v[0], v[1]
	start := x.Cast(a.asValue("start_indices", a.get("start_indices"), &ir.Value{Fact: ir.Typed(tensor.Int64)}), tensor.Int64)
	if start.Fact.Rank() != 1 || update.Fact.Rank() != y.Fact.Rank() {
		a.fail("start_indices")
		return one(y)
	}
	rank := y.Fact.Rank()
	var inside *ir.Value
	for axis := range rank {
		n, size := x.sizeOf(y, axis), x.sizeOf(update, axis)
		zero := x.Const(tensor.Scalar(int64(0)))
		from := x.Gather(start, x.Const(tensor.Scalar(int64(axis))), 0)
		from = x.Op("Max", x.Op("Min", from, x.Sub(n, size)), zero)
		at := x.Sub(x.upTo(n), from)
		in := x.Op("And", x.Op("GreaterOrEqual", at, zero), x.Op("Less", at, size))
		update = x.Gather(update, x.Where(in, at, zero), axis)
		for range rank - 1 - axis {
			in = x.Unsqueeze(in, in.Fact.Rank())
		}
		if inside == nil {
			inside = in
		} else {
			inside = x.Op("And", inside, in)
		}
	}
	return one(x.Where(inside, update, y))
}

// cumprod is the product of all up to each along an axis, as a Scan.
func cumprod(x *emit, a *arguments) []*ir.Value {
	v := a.value("x")
	if a.has("dtype") {
		v = x.Cast(v, a.dtype("dtype", tensor.Float32))
	}
	if v.Fact.DType == tensor.Bool {
		v = x.Cast(v, tensor.Int32)
	}
	if !a.has("axis") {
		v, a.values["axis"] = x.ReshapeTo(v, -1), 0
	}
	rank := v.Fact.Rank()
	axis := a.axis("axis", 0, rank)
	if x.Err() != nil {
		return one(v)
	}
	if n, known := v.Fact.Shape[axis].Int(); known && n > 0 && n <= maxUnrolled {
		products := []*ir.Value{x.Slice(v, axis, 0, 1)}
		for i := 1; i < n; i++ {
			products = append(products, x.Mul(products[i-1], x.Slice(v, axis, i, i+1)))
		}
		return one(x.Concat(axis, products...))
	}
	perm := count(rank)
	perm[0], perm[axis] = axis, 0
	v = x.Transpose(v, perm...)
	rest := x.Op("Slice", x.Shape(v), x.Ints(1), x.Ints(rank))
	_, y := x.scan(one(x.Expand(x.Scalar(v, 1), rest)), one(v), false, func(x *emit, states, rows []*ir.Value) ([]*ir.Value, *ir.Value) {
		product := x.Mul(states[0], rows[0])
		return one(product), product
	})
	return one(x.Transpose(y, perm...))
}
