package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// elementwiseOperations adds functions of each element that ONNX has no operator for.
func elementwiseOperations(m map[string]operation) {
	unary := func(name string, f func(x *emit, v *ir.Value) *ir.Value) {
		m[name] = operation{"x", func(x *emit, a *arguments) []*ir.Value { return one(f(x, x.float(a.value("x")))) }}
	}
	scaled := func(c float64) func(x *emit, v *ir.Value) *ir.Value {
		return func(x *emit, v *ir.Value) *ir.Value { return x.Scale(v, c) }
	}
	unary("deg2rad", scaled(math.Pi/180))
	unary("rad2deg", scaled(180/math.Pi))
	unary("exp2", func(x *emit, v *ir.Value) *ir.Value { return x.Op("Exp", x.Scale(v, math.Ln2)) })
	unary("erfc", func(x *emit, v *ir.Value) *ir.Value { return x.Sub(x.Scalar(v, 1), x.Op("Erf", v)) })
	unary("fabs", func(x *emit, v *ir.Value) *ir.Value { return x.Op("Abs", v) })
	unary("cbrt", func(x *emit, v *ir.Value) *ir.Value {
		return x.Mul(x.Op("Sign", v), x.Op("Pow", x.Op("Abs", v), x.Scalar(v, 1./3)))
	})
	unary("trunc", func(x *emit, v *ir.Value) *ir.Value { return x.Mul(x.Op("Sign", v), x.Op("Floor", x.Op("Abs", v))) })
	unary("isposinf", func(x *emit, v *ir.Value) *ir.Value { return x.OpA("IsInf", v, op.Attr("detect_negative", 0)) })
	unary("isneginf", func(x *emit, v *ir.Value) *ir.Value { return x.OpA("IsInf", v, op.Attr("detect_positive", 0)) })
	unary("sinc", func(x *emit, v *ir.Value) *ir.Value {
		zero := x.Op("Equal", v, x.Scalar(v, 0))
		p := x.Scale(x.Where(zero, x.Scalar(v, 1), v), math.Pi)
		return x.Where(zero, x.Scalar(v, 1), x.Div(x.Op("Sin", p), p))
	})
	unary("signbit", signBit)
	unary("angle", func(x *emit, v *ir.Value) *ir.Value {
		return x.Where(x.Op("Less", v, x.Scalar(v, 0)), x.Scalar(v, math.Pi), x.Scalar(v, 0))
	})
	for _, name := range []string{"real", "conj"} { // there are no complex numbers here
		m[name] = operation{"x", func(x *emit, a *arguments) []*ir.Value { return one(x.Op("Identity", a.value("x"))) }}
	}
	m["convert_to_tensor"] = operation{"x dtype sparse ragged", func(x *emit, a *arguments) []*ir.Value {
		v := x.Op("Identity", a.value("x"))
		if a.has("dtype") {
			v = x.Cast(v, a.dtype("dtype", tensor.Float32))
		}
		return one(v)
	}}
	m["saturate_cast"] = operation{"x dtype", saturateCast}
	m["nan_to_num"] = operation{"x nan posinf neginf", nanToNum}
	m["isclose"] = operation{"x1 x2 rtol atol equal_nan", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		u, w := x.float(v[0]), x.float(v[1])
		limit := x.AddScalar(x.Scale(x.Op("Abs", w), a.num("rtol", 1e-5)), a.num("atol", 1e-8))
		near := x.Op("Or", x.Op("LessOrEqual", x.Op("Abs", x.Sub(u, w)), limit), x.Op("Equal", u, w))
		if a.flag("equal_nan") {
			near = x.Op("Or", near, x.Op("And", x.Op("IsNaN", u), x.Op("IsNaN", w)))
		}
		return one(near)
	}}
	pairOperations(m)
	for name, onnx := range map[string]string{"bitwise_and": "BitwiseAnd", "bitwise_or": "BitwiseOr", "bitwise_xor": "BitwiseXor"} {
		m[name] = operation{"x y", func(x *emit, a *arguments) []*ir.Value { return one(x.Op(onnx, a.alike("x", "y")...)) }}
	}
	m["bitwise_not"] = operation{"x", func(x *emit, a *arguments) []*ir.Value { return one(x.Op("BitwiseNot", a.value("x"))) }}
	shrinkOperations(m)
}

// pairOperations adds functions of two numbers, as reals.
func pairOperations(m map[string]operation) {
	pair := func(name string, f func(x *emit, u, v *ir.Value) *ir.Value) {
		m[name] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
			v := a.alike("x1", "x2")
			return one(f(x, x.float(v[0]), x.float(v[1])))
		}}
	}
	pair("arctan2", arctan2)
	pair("hypot", func(x *emit, u, v *ir.Value) *ir.Value { return x.Op("Sqrt", x.Add(x.Mul(u, u), x.Mul(v, v))) })
	pair("ldexp", func(x *emit, u, v *ir.Value) *ir.Value { return x.Mul(u, x.Op("Pow", x.Scalar(v, 2), v)) })
	pair("fmod", func(x *emit, u, v *ir.Value) *ir.Value {
		return x.Emit(1, "Mod", []*ir.Value{u, v}, op.Attr("fmod", 1))[0]
	})
	pair("divide_no_nan", func(x *emit, u, v *ir.Value) *ir.Value {
		zero := x.Op("Equal", v, x.Scalar(v, 0))
		return x.Where(zero, x.Scalar(u, 0), x.Div(u, x.Where(zero, x.Scalar(v, 1), v)))
	})
	pair("heaviside", func(x *emit, u, v *ir.Value) *ir.Value {
		step := x.Where(x.Op("Greater", u, x.Scalar(u, 0)), x.Scalar(u, 1), x.Scalar(u, 0))
		return x.Where(x.Op("Equal", u, x.Scalar(u, 0)), v, step)
	})
	for name, base := range map[string]float64{"logaddexp": 1, "logaddexp2": math.Ln2} {
		pair(name, func(x *emit, u, v *ir.Value) *ir.Value { // max + log(1+exp(-|u-v|)) of the base
			d := x.Scale(x.Op("Abs", x.Sub(u, v)), -base)
			return x.Add(x.Op("Max", u, v), x.Scale(x.Op("Log", x.AddScalar(x.Op("Exp", d), 1)), 1/base))
		})
	}
	for name, onnx := range map[string]string{"fmax": "Max", "fmin": "Min"} {
		pair(name, func(x *emit, u, v *ir.Value) *ir.Value { // the other one where one is no number
			return x.Where(x.Op("IsNaN", u), v, x.Where(x.Op("IsNaN", v), u, x.Op(onnx, u, v)))
		})
	}
}

// arctan2 is the angle of the point (x, y), from -pi to pi: that of (|x|, |y|) turned by the signs, those of zeros too.
func arctan2(b *emit, y, x *ir.Value) *ir.Value {
	kind := x.Fact.DType
	y, x = b.Cast(y, tensor.Float32), b.Cast(x, tensor.Float32) // onnxruntime has no Atan of doubles
	up, across := b.Op("Abs", y), b.Op("Abs", x)
	// The quotient of two zeros, or of two infinities, is no number: their angles are 0 and pi/4.
	zero := b.Op("Equal", b.Op("Max", up, across), b.Scalar(x, 0))
	corner := b.Op("And", b.OpA("IsInf", up), b.OpA("IsInf", across))
	quotient := b.Where(corner, b.Scalar(x, 1), b.Div(up, b.Where(zero, b.Scalar(x, 1), across)))
	angle := b.Op("Atan", quotient)
	angle = b.Where(signBit(b, x), b.Sub(b.Scalar(x, math.Pi), angle), angle)
	return b.Cast(b.Where(signBit(b, y), b.Op("Neg", angle), angle), kind)
}

// signBit reports where a number is negative, or -0, of which 1/-0 tells it.
func signBit(x *emit, v *ir.Value) *ir.Value {
	return x.Op("Less", x.Where(x.Op("Equal", v, x.Scalar(v, 0)), x.Op("Reciprocal", v), v), x.Scalar(v, 0))
}

// nanToNum replaces what is not a number, and infinities, the type's largest numbers by default.
func nanToNum(x *emit, a *arguments) []*ir.Value {
	v := x.float(a.value("x"))
	largest := float64(math.MaxFloat32)
	if v.Fact.DType == tensor.Float64 {
		largest = math.MaxFloat64
	}
	y := x.Where(x.Op("IsNaN", v), x.Scalar(v, a.num("nan", 0)), v)
	y = x.Where(x.OpA("IsInf", v, op.Attr("detect_negative", 0)), x.Scalar(v, a.num("posinf", largest)), y)
	return one(x.Where(x.OpA("IsInf", v, op.Attr("detect_positive", 0)), x.Scalar(v, a.num("neginf", -largest)), y))
}

// integerLimits are the ends of the integer types, of the wider ones the numbers of float32 next to them, inside.
var integerLimits = map[tensor.DType][2]float64{
	tensor.Uint8: {0, math.MaxUint8}, tensor.Int8: {math.MinInt8, math.MaxInt8},
	tensor.Uint16: {0, math.MaxUint16}, tensor.Int16: {math.MinInt16, math.MaxInt16},
	tensor.Uint32: {0, 1<<32 - 1<<8}, tensor.Int32: {math.MinInt32, 1<<31 - 1<<7},
	tensor.Uint64: {0, 1<<64 - 1<<40}, tensor.Int64: {math.MinInt64, 1<<63 - 1<<39},
}

// saturateCast casts after bringing values into the type's range.
func saturateCast(x *emit, a *arguments) []*ir.Value {
	v, d := a.value("x"), a.dtype("dtype", tensor.Float32)
	if v.Fact.DType == tensor.Bool || isFloat(d) {
		return one(x.Cast(v, d))
	}
	limits, isInteger := integerLimits[d]
	if !isInteger { // a truth
		limits, v = [2]float64{0, 1}, x.float(v)
	}
	if isFloat(v.Fact.DType) {
		return one(x.Cast(x.clamp(x.Cast(v, tensor.Float32), limits[0], limits[1]), d))
	}
	v = x.Cast(v, tensor.Int64)
	switch d {
	case tensor.Int64:
	case tensor.Uint64:
		v = x.Op("Max", v, x.Scalar(v, 0))
	case tensor.Int32:
		v = x.clamp(v, math.MinInt32, math.MaxInt32)
	case tensor.Uint32:
		v = x.clamp(v, 0, math.MaxUint32)
	default:
		v = x.clamp(v, limits[0], limits[1])
	}
	return one(x.Cast(v, d))
}

// clamp brings numbers into a range.
func (x *emit) clamp(v *ir.Value, low, high float64) *ir.Value {
	return x.Op("Min", x.Op("Max", v, x.Scalar(v, low)), x.Scalar(v, high))
}

// shrinkOperations adds activations with an argument, or in pieces.
func shrinkOperations(m map[string]operation) {
	for _, name := range []string{"hard_shrink", "soft_shrink"} {
		m[name] = operation{"x threshold", func(x *emit, a *arguments) []*ir.Value {
			return one(shrink(x, x.float(a.value("x")), a.num("threshold", .5), name == "soft_shrink"))
		}}
	}
	m["threshold"] = operation{"x threshold default_value", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		over := x.Op("Greater", v, x.Scalar(v, a.num("threshold", 0)))
		return one(x.Where(over, v, x.Scalar(v, a.num("default_value", 0))))
	}}
	m["squareplus"] = operation{"x b", func(x *emit, a *arguments) []*ir.Value {
		return one(squareplus(x, x.float(a.value("x")), a.num("b", 4)))
	}}
	m["glu"] = operation{"x axis", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		return one(glu(x, v, a.axis("axis", -1, v.Fact.Rank())))
	}}
	m["sparsemax"] = operation{"x axis", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		return one(sparsemax(x, v, a.axis("axis", -1, v.Fact.Rank())))
	}}
}

// shrink is 0 in [-t,t] and x beyond, with soft less t, towards 0.
func shrink(x *emit, v *ir.Value, t float64, soft bool) *ir.Value {
	bias := 0.
	if soft {
		bias = t
	}
	return x.OpA("Shrink", v, op.Attr("lambd", t), op.Attr("bias", bias))
}

// squareplus is (x+sqrt(x²+b))/2.
func squareplus(x *emit, v *ir.Value, b float64) *ir.Value {
	return x.Scale(x.Add(v, x.Op("Sqrt", x.AddScalar(x.Mul(v, v), b))), .5)
}

// glu is the first half of an axis times the sigmoid of the second.
func glu(x *emit, v *ir.Value, axis int) *ir.Value {
	n := x.dim(v, axis)
	if x.Err() == nil && n%2 != 0 {
		x.Fail(op.Shapef("glu along axis %d of %v", axis, v.Fact))
	}
	half := x.cut(v, axis, []int{n / 2, n / 2}, false)
	return x.Mul(half[0], x.Op("Sigmoid", half[1]))
}

// sparsemax projects onto the simplex along an axis (Martins and Astudillo, 2016).
func sparsemax(x *emit, v *ir.Value, axis int) *ir.Value {
	rank := v.Fact.Rank()
	n := x.dim(v, axis)
	if x.Err() != nil {
		return v
	}
	sorted := x.Emit(2, "TopK", []*ir.Value{v, x.Ints(n)}, op.Attr("axis", axis))[0]
	sums := x.Op("CumSum", sorted, x.Const(tensor.Scalar(int64(axis))))
	steps := make([]float64, n)
	shape := make([]int, rank)
	for i := range shape {
		shape[i] = 1
	}
	shape[axis] = n
	for i := range steps {
		steps[i] = float64(i + 1)
	}
	r, err := numbers(steps, tensor.Float32, shape...)
	if err != nil {
		x.Fail(err)
		return v
	}
	over := x.AddScalar(sums, -1)
	support := x.Op("Greater", sorted, x.Div(over, x.Const(r)))
	k := x.Sum(x.Cast(support, v.Fact.DType), true, axis)
	// Keras sums the cumulated sums of the whole support.
	tau := x.Div(x.AddScalar(x.Sum(x.Where(support, sums, x.Scalar(sums, 0)), true, axis), -1), k)
	return x.Op("Max", x.Sub(v, tau), x.Scalar(v, 0))
}
