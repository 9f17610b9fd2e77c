package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// specialOperations adds special functions, arithmetic of integers and bits, and what is done without NaN.
func specialOperations(m map[string]operation) {
	for name, f := range map[string]func(x *emit, v *ir.Value) *ir.Value{"erfinv": erfinv, "i0": besselI0} {
		m[name] = operation{"x", func(x *emit, a *arguments) []*ir.Value { return one(f(x, x.float(a.value("x")))) }}
	}
	for _, p := range []string{"left", "right"} {
		m[p+"_shift"] = operation{"x y", func(x *emit, a *arguments) []*ir.Value {
			v := a.alike("x", "y")
			return one(x.shift(v[0], v[1], p == "right"))
		}}
		m["bitwise_"+p+"_shift"] = m[p+"_shift"]
	}
	for _, name := range []string{"gcd", "lcm"} {
		m[name] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
			v := a.alike("x1", "x2")
			u, w := x.Op("Abs", v[0]), x.Op("Abs", v[1])
			g := x.gcd(u, w)
			if name == "gcd" {
				return one(g)
			}
			return one(x.Mul(x.Div(u, x.Op("Max", g, x.Scalar(g, 1))), w))
		}}
	}
	// There are no complex numbers here.
	for name, value := range map[string]float64{"imag": 0, "isreal": 1} {
		m[name] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
			v := a.value("x")
			if name == "isreal" {
				return one(x.Expand(x.Const(tensor.Scalar(true)), x.Shape(v)))
			}
			return one(x.Expand(x.Scalar(v, value), x.Shape(v)))
		}}
	}
	m["all_close"] = operation{"x1 x2 rtol atol equal_nan", func(x *emit, a *arguments) []*ir.Value {
		near := m["isclose"].emit(x, a)[0]
		return one(x.Cast(x.Reduce("ReduceMin", x.Cast(near, tensor.Int32), false), tensor.Bool))
	}}
	for name, p := range map[string]struct {
		of   string
		fill float64
	}{"nanargmax": {"argmax", math.Inf(-1)}, "nanargmin": {"argmin", math.Inf(1)}} {
		m[name] = operation{"x axis keepdims", func(x *emit, a *arguments) []*ir.Value {
			v := x.float(a.value("x"))
			missing := x.Op("IsNaN", v)
			a.values["x"] = missing
			all := m["all"].emit(x, a)[0]
			a.values["x"] = x.Where(missing, x.Scalar(v, p.fill), v)
			at := m[p.of].emit(x, a)[0]
			return one(x.Where(all, x.Scalar(at, -1), at))
		}}
	}
	for name, p := range map[string]struct {
		of   string
		fill float64
	}{"nancumsum": {"cumsum", 0}, "nancumprod": {"cumprod", 1}} {
		m[name] = operation{"x axis dtype", func(x *emit, a *arguments) []*ir.Value {
			v := x.float(a.value("x"))
			a.values["x"] = x.Where(x.Op("IsNaN", v), x.Scalar(v, p.fill), v)
			return m[p.of].emit(x, a)
		}}
	}
}

// horner is the polynomial with these coefficients, that of the highest power first.
func (x *emit) horner(v *ir.Value, c ...float64) *ir.Value {
	y := x.Scalar(v, c[0])
	for _, k := range c[1:] {
		y = x.AddScalar(x.Mul(y, v), k)
	}
	return y
}

// erfinv is the inverse of erf by the polynomials of Giles (Approximating the erfinv function, 2012), exact to
// about 4e-7 of it.
func erfinv(x *emit, v *ir.Value) *ir.Value {
	w := x.Neg(x.Op("Log", x.Mul(x.Sub(x.Scalar(v, 1), v), x.AddScalar(v, 1))))
	near := x.horner(x.AddScalar(w, -2.5), 2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, .00021858087, -.00125372503,
		-.00417768164, .246640727, 1.50140941)
	far := x.horner(x.AddScalar(x.Op("Sqrt", w), -3), -.000200214257, .000100950558, .00134934322, -.00367342844, .00573950773, -.0076224613,
		.00943887047, 1.00167406, 2.83297682)
	y := x.Mul(x.Where(x.Op("Less", w, x.Scalar(w, 5)), near, far), v)
	end := x.Op("Equal", x.Op("Abs", v), x.Scalar(v, 1))
	return x.Where(end, x.Scale(v, math.Inf(1)), y)
}

// besselI0 is the modified Bessel function of order 0, by the polynomials 9.8.1 and 9.8.2 of Abramowitz and
// Stegun, whose error is below 2e-7 of it.
func besselI0(x *emit, v *ir.Value) *ir.Value {
	v = x.Op("Abs", v)
	t := x.Scale(v, 1/3.75)
	near := x.horner(x.Mul(t, t), .0045813, .0360768, .2659732, 1.2067492, 3.0899424, 3.5156229, 1)
	away := x.Op("Max", t, x.Scalar(t, 1)) // where it is taken
	far := x.horner(x.Op("Reciprocal", away), .00392377, -.01647633, .02635537, -.02057706, .00916281, -.00157565, .00225319, .01328592, .39894228)
	large := x.Scale(away, 3.75)
	far = x.Mul(far, x.Div(x.Op("Exp", large), x.Op("Sqrt", large)))
	return x.Where(x.Op("Less", t, x.Scalar(t, 1)), near, far)
}

// shift moves bits. That to the right keeps the sign.
func (x *emit) shift(v, n *ir.Value, right bool) *ir.Value {
	d, direction := v.Fact.DType, "LEFT"
	v, n = x.Cast(v, tensor.Int64), x.Cast(x.Cast(n, tensor.Int64), tensor.Uint64)
	var negative *ir.Value
	if right {
		direction, negative = "RIGHT", x.Op("Less", v, x.Scalar(v, 0))
		v = x.Where(negative, x.Sub(x.Scalar(v, -1), v), v)
	}
	y := x.Emit(1, "BitShift", []*ir.Value{x.Cast(v, tensor.Uint64), n}, op.Attr("direction", direction))[0]
	y = x.Cast(y, tensor.Int64)
	if right {
		y = x.Where(negative, x.Sub(x.Scalar(y, -1), y), y)
	}
	return x.Cast(y, d)
}

// gcd is the greatest common divisor of integers that are not negative, by Euclid's algorithm as a loop.
func (x *emit) gcd(u, v *ir.Value) *ir.Value {
	zero := x.Scalar(u, 0)
	pair := x.stacked([]*ir.Value{x.Add(u, x.Mul(v, zero)), x.Add(v, x.Mul(u, zero))}, 0)
	y := x.while(pair, nil, func(x *emit, pair *ir.Value, _ []*ir.Value) (next, more *ir.Value) {
		u, v := x.Gather(pair, x.Const(tensor.Scalar(int64(0))), 0), x.Gather(pair, x.Const(tensor.Scalar(int64(1))), 0)
		zero := x.Scalar(v, 0)
		done := x.Op("Equal", v, zero)
		rest := x.Op("Mod", u, x.Where(done, x.Scalar(v, 1), v))
		rest = x.Where(done, zero, rest)
		next = x.stacked([]*ir.Value{x.Where(done, u, v), rest}, 0)
		return next, x.Op("Greater", x.Reduce("ReduceMax", rest, false), zero)
	})
	return x.Gather(y, x.Const(tensor.Scalar(int64(0))), 0)
}
