package keras

import (
	"math"
	"slices"
	"sync"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// operations are the functions of keras.ops by name. Aliases have the same entry.
var operations = sync.OnceValue(makeOperations)

func makeOperations() map[string]operation {
	m := map[string]operation{}
	for name, onnx := range realFunctions {
		m[name] = unaryOperation(onnx, true)
	}
	for name, onnx := range plainFunctions {
		m[name] = unaryOperation(onnx, false)
	}
	for name, onnx := range map[string]string{
		"add": "Add", "subtract": "Sub", "multiply": "Mul", "maximum": "Max", "minimum": "Min",
		"equal": "Equal", "greater": "Greater", "greater_equal": "GreaterOrEqual", "less": "Less", "less_equal": "LessOrEqual",
		"matmul": "MatMul",
	} {
		m[name] = binaryOperation(onnx)
	}
	for name, onnx := range map[string]string{"logical_and": "And", "logical_or": "Or", "logical_xor": "Xor"} {
		m[name] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
			return one(x.Op(onnx, x.Cast(a.value("x1"), tensor.Bool), x.Cast(a.value("x2"), tensor.Bool)))
		}}
	}
	for name, onnx := range map[string][2]string{
		"sum": {"ReduceSum"}, "max": {"ReduceMax", "Max"}, "min": {"ReduceMin", "Min"}, "prod": {"ReduceProd"},
	} {
		m[name] = operation{"x axis keepdims initial dtype", func(x *emit, a *arguments) []*ir.Value {
			v := a.value("x")
			if a.has("dtype") {
				v = x.Cast(v, a.dtype("dtype", tensor.Float32))
			}
			d := v.Fact.DType
			switch {
			case d == tensor.Bool:
				v, d = x.Cast(v, tensor.Int32), tensor.Int32
			case onnx[0] != "ReduceSum" && onnx[0] != "ReduceProd" || isFloat(d):
			case d == tensor.Int8 || d == tensor.Int16:
				v, d = x.Cast(v, tensor.Int32), tensor.Int32
			case d == tensor.Uint8 || d == tensor.Uint16 || d == tensor.Uint32: // onnxruntime sums no unsigned integers
				v, d = x.Cast(v, tensor.Int64), tensor.Uint32
			}
			y := a.reduce(onnx[0], v)
			if onnx[1] != "" && a.has("initial") {
				y = x.Op(onnx[1], y, x.Scalar(y, a.num("initial", 0)))
			}
			return one(x.Cast(y, d))
		}}
	}
	for name, onnx := range map[string]string{"mean": "ReduceMean", "logsumexp": "ReduceLogSumExp"} {
		m[name] = operation{"x axis keepdims", func(x *emit, a *arguments) []*ir.Value {
			return one(a.reduce(onnx, x.float(a.value("x"))))
		}}
	}
	for name, onnx := range map[string]string{"all": "ReduceMin", "any": "ReduceMax"} {
		m[name] = operation{"x axis keepdims", func(x *emit, a *arguments) []*ir.Value {
			v := x.Cast(x.Cast(a.value("x"), tensor.Bool), tensor.Int32)
			return one(x.Cast(a.reduce(onnx, v), tensor.Bool))
		}}
	}
	for name, onnx := range map[string]string{"argmax": "ArgMax", "argmin": "ArgMin"} {
		m[name] = operation{"x axis keepdims dtype", argExtreme(onnx)}
	}
	mathOperations(m)
	activationOperations(m)
	shapeOperations(m)
	indexOperations(m)
	elementwiseOperations(m)
	reduceOperations(m)
	arrayOperations(m)
	productOperations(m)
	matrixOperations(m)
	solveOperations(m)
	nnOperations(m)
	imageOperations(m)
	specialOperations(m)
	spaceOperations(m)
	countOperations(m)
	fourierOperations(m)
	for alias, name := range map[string]string{
		"divide": "true_divide", "abs": "absolute", "amax": "max", "amin": "min", "remainder": "mod", "swish": "silu",
		"hard_swish": "hard_silu", "identity": "copy", "stop_gradient": "copy", "array": "convert_to_tensor", "conjugate": "conj",
		"cdist": "c_dist", "isin": "is_in", "searchsorted": "search_sorted", "layer_normalization": "layer_norm",
		"batch_normalization": "batch_norm", "rms_normalization": "rms_norm", "bitwise_invert": "bitwise_not",
		"allclose": "all_close", "extract_patches_3d": "extract_patches",
	} {
		m[alias] = m[name]
	}
	return m
}

// realFunctions are operators on real numbers; integers are brought to floats before.
var realFunctions = map[string]string{
	"exp": "Exp", "log": "Log", "sqrt": "Sqrt", "sin": "Sin", "cos": "Cos", "tan": "Tan", "arcsin": "Asin", "arccos": "Acos",
	"arctan": "Atan", "sinh": "Sinh", "cosh": "Cosh", "tanh": "Tanh", "arcsinh": "Asinh", "arccosh": "Acosh", "arctanh": "Atanh",
	"erf": "Erf", "sigmoid": "Sigmoid", "softplus": "Softplus", "softsign": "Softsign", "selu": "Selu", "reciprocal": "Reciprocal",
	"floor": "Floor", "ceil": "Ceil", "isnan": "IsNaN", "isinf": "IsInf",
}

// plainFunctions are operators that keep their input's type.
var plainFunctions = map[string]string{"negative": "Neg", "sign": "Sign", "relu": "Relu", "logical_not": "Not", "copy": "Identity"}

func unaryOperation(name string, real bool) operation {
	return operation{"x", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		if real {
			v = x.float(v)
		}
		if name == "Not" {
			v = x.Cast(v, tensor.Bool)
		}
		if v.Fact.DType == tensor.Float64 && slices.Contains(singles, name) {
			return one(x.Cast(x.Op(name, x.Cast(v, tensor.Float32)), tensor.Float64))
		}
		return one(x.Op(name, v))
	}}
}

// singles are operators that onnxruntime does not compute in float64.
var singles = []string{"Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cos", "Cosh", "Erf", "Sinh", "Tan"}

func binaryOperation(name string) operation {
	return operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Emit(1, name, a.alike("x1", "x2"))[0])
	}}
}

// reduce emits a reduction over the axes of the call; none are all.
func (a *arguments) reduce(name string, v *ir.Value) *ir.Value {
	axes := a.axes("axis", v.Fact.Rank())
	if a.has("axis") && len(axes) == 0 {
		a.fail("axis")
	}
	return a.x.Reduce(name, v, a.flag("keepdims"), axes...)
}

func argExtreme(name string) func(*emit, *arguments) []*ir.Value {
	return func(x *emit, a *arguments) []*ir.Value {
		v, keep := a.value("x"), a.flag("keepdims")
		rank, all := v.Fact.Rank(), !a.has("axis")
		if all {
			v, a.values["axis"] = x.ReshapeTo(v, -1), 0
		}
		switch {
		case v.Fact.DType == tensor.Bool:
			v = x.Cast(v, tensor.Int32)
		case isFloat(v.Fact.DType) && x.converter.since(3, 9):
			v = x.zerosInOrder(v)
		}
		y := x.OpA(name, v, op.Attr("axis", a.axis("axis", 0, v.Fact.Rank())), op.Attr("keepdims", keep))
		if all && keep {
			y = x.ReshapeTo(y, slices.Repeat([]int{1}, rank)...)
		}
		return one(x.Cast(y, a.dtype("dtype", tensor.Int32)))
	}
}

// zerosInOrder makes -0.0 the least number below zero, as argmax and argmin of Keras do, where it can be: sums of
// products, and what has no sign, are never -0.0.
func (x *emit) zerosInOrder(v *ir.Value) *ir.Value {
	if v.Node != nil {
		switch v.Node.Op {
		case "Add", "MatMul", "Gemm", "Conv", "Softmax", "Sigmoid", "Relu", "Abs", "Exp", "Softplus":
			return v
		}
	}
	minus := x.Op("Equal", x.Op("Reciprocal", v), x.Scalar(v, math.Inf(-1)))
	return x.Where(minus, x.Scalar(v, -0x1p-126), v)
}

// mathOperations adds those that take several operators.
func mathOperations(m map[string]operation) {
	unary := func(name string, f func(x *emit, v *ir.Value) *ir.Value) {
		m[name] = operation{"x", func(x *emit, a *arguments) []*ir.Value { return one(f(x, x.float(a.value("x")))) }}
	}
	unary("rsqrt", func(x *emit, v *ir.Value) *ir.Value { return x.Op("Reciprocal", x.Op("Sqrt", v)) })
	unary("log1p", func(x *emit, v *ir.Value) *ir.Value { return x.Op("Log", x.AddScalar(v, 1)) })
	unary("expm1", func(x *emit, v *ir.Value) *ir.Value { return x.AddScalar(x.Op("Exp", v), -1) })
	unary("log2", func(x *emit, v *ir.Value) *ir.Value { return x.Div(x.Op("Log", v), x.Scalar(v, 0.6931471805599453)) })
	unary("log10", func(x *emit, v *ir.Value) *ir.Value { return x.Div(x.Op("Log", v), x.Scalar(v, 2.302585092994046)) })
	unary("isfinite", func(x *emit, v *ir.Value) *ir.Value {
		return x.Op("Not", x.Op("Or", x.Op("IsNaN", v), x.Op("IsInf", v)))
	})
	m["round"] = operation{"x decimals", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		d := v.Fact.DType
		v = x.float(v)
		n := a.integer("decimals", 0)
		if n == 0 {
			return one(x.Op("Round", v))
		}
		factor := math.Pow10(n)
		return one(x.Cast(x.Div(x.Op("Round", x.Scale(v, factor)), x.Scalar(v, factor)), d))
	}}
	m["absolute"] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		if v.Fact.DType == tensor.Bool {
			return one(x.Op("Identity", v))
		}
		return one(x.Op("Abs", v))
	}}
	m["power"] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		d := v[0].Fact.DType
		if d == tensor.Uint8 || d == tensor.Uint16 || d == tensor.Uint32 || d == tensor.Int8 || d == tensor.Int16 || d == tensor.Bool {
			v[0], v[1] = x.Cast(v[0], tensor.Int32), x.Cast(v[1], tensor.Int32)
		}
		return one(x.Cast(x.Op("Pow", v...), d))
	}}
	m["square"] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		if v.Fact.DType == tensor.Bool {
			v = x.Cast(v, tensor.Int32)
		}
		return one(x.Mul(v, v))
	}}
	m["not_equal"] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Op("Not", x.Emit(1, "Equal", a.alike("x1", "x2"))[0]))
	}}
	m["squared_difference"] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		d := x.Sub(v[0], v[1])
		return one(x.Mul(d, d))
	}}
	m["true_divide"] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		return one(x.Div(x.float(v[0]), x.float(v[1])))
	}}
	m["floor_divide"] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		if isFloat(v[0].Fact.DType) {
			return one(x.Op("Floor", x.Div(v[0], v[1])))
		}
		return one(x.Div(x.Sub(v[0], x.Op("Mod", v[0], v[1])), v[1]))
	}}
	m["mod"] = operation{"x1 x2", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x1", "x2")
		if !isFloat(v[0].Fact.DType) {
			return one(x.Op("Mod", v[0], v[1]))
		}
		// Python's sign is that of the divisor, fmod's that of the dividend.
		r := x.Emit(1, "Mod", v, op.Attr("fmod", 1))[0]
		zero := x.Scalar(r, 0)
		other := x.Op("Less", x.Mul(x.Op("Sign", r), x.Op("Sign", v[1])), zero)
		return one(x.Where(other, x.Add(r, v[1]), r))
	}}
	m["clip"] = operation{"x x_min x_max", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("x", "x_min", "x_max")
		if v[1].Fact.Rank() == 0 && v[2].Fact.Rank() == 0 {
			return one(x.Op("Clip", v...))
		}
		return one(x.Op("Min", x.Op("Max", v[0], v[1]), v[2]))
	}}
	m["where"] = operation{"condition x1 x2", func(x *emit, a *arguments) []*ir.Value {
		if !a.has("x1") && !a.has("x2") {
			return nonzero(x, a.value("condition"))
		}
		v := a.alike("x1", "x2")
		return one(x.Where(x.Cast(a.value("condition"), tensor.Bool), v[0], v[1]))
	}}
	variance := func(x *emit, a *arguments) *ir.Value {
		v := x.float(a.value("x"))
		d := x.Sub(v, x.Reduce("ReduceMean", v, true, a.axes("axis", v.Fact.Rank())...))
		return a.reduce("ReduceMean", x.Mul(d, d))
	}
	m["var"] = operation{"x axis keepdims", func(x *emit, a *arguments) []*ir.Value { return one(variance(x, a)) }}
	m["std"] = operation{"x axis keepdims", func(x *emit, a *arguments) []*ir.Value { return one(x.Op("Sqrt", variance(x, a))) }}
	m["cast"] = operation{"x dtype", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Cast(a.value("x"), a.dtype("dtype", tensor.Float32)))
	}}
	m["einsum"] = operation{"subscripts x1 x2 x3 x4", einsumOperation}
	m["cumsum"] = operation{"x axis dtype", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("x")
		if a.has("dtype") {
			v = x.Cast(v, a.dtype("dtype", tensor.Float32))
		}
		if !a.has("axis") {
			v, a.values["axis"] = x.ReshapeTo(v, -1), 0
		}
		kind := v.Fact.DType
		switch kind {
		case tensor.Bool:
			kind = tensor.Int32
			v = x.Cast(v, kind)
		case tensor.Int8, tensor.Int16, tensor.Uint8, tensor.Uint16: // ONNX has no sums of these
			v = x.Cast(v, tensor.Int32)
		}
		y := x.Op("CumSum", v, x.Const(tensor.Scalar(int64(a.axis("axis", 0, v.Fact.Rank())))))
		return one(x.Cast(y, kind))
	}}
	m["l2_normalize"] = operation{"x axis epsilon", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		sum := x.Reduce("ReduceSumSquare", v, true, a.axes("axis", v.Fact.Rank())...)
		return one(x.Div(v, x.Op("Sqrt", x.Op("Max", sum, x.Scalar(sum, a.num("epsilon", 1e-12))))))
	}}
}

func einsumOperation(x *emit, a *arguments) []*ir.Value {
	var list []any
	for _, k := range []string{"x1", "x2", "x3", "x4"} {
		if v := a.get(k); v != nil {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		x.Fail(op.Unsupportedf("einsum without its values: the file does not hold them"))
		return one(&ir.Value{Name: "einsum"})
	}
	return one(x.einsum(a.text("subscripts", ""), a.promoted("x1", list)...))
}

// einsum emits Einsum.
func (x *emit) einsum(equation string, in ...*ir.Value) *ir.Value {
	return x.Emit(1, "Einsum", in, op.Attr("equation", equation))[0]
}

// activationOperations adds keras.ops' activations, whose defaults are not always those of keras.activations.
func activationOperations(m map[string]operation) {
	for _, name := range []string{"relu6", "mish", "log_sigmoid", "silu", "hard_silu", "hard_tanh", "tanh_shrink", "sparse_plus", "sparse_sigmoid"} {
		f := activations[name]
		if f == nil {
			continue
		}
		m[name] = operation{"x", func(x *emit, a *arguments) []*ir.Value { return one(f(x, x.float(a.value("x")))) }}
	}
	m["hard_sigmoid"] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
		return one(x.OpA("HardSigmoid", x.float(a.value("x")), op.Attr("alpha", 1./6), op.Attr("beta", .5)))
	}}
	for name, onnx := range map[string]string{"softmax": "Softmax", "log_softmax": "LogSoftmax"} {
		m[name] = operation{"x axis", func(x *emit, a *arguments) []*ir.Value {
			v := x.float(a.value("x"))
			return one(x.OpA(onnx, v, op.Attr("axis", a.axis("axis", -1, v.Fact.Rank()))))
		}}
	}
	for name, p := range map[string]struct {
		onnx, key, attr string
		def             float64
	}{
		"elu": {"Elu", "alpha", "alpha", 1}, "celu": {"Celu", "alpha", "alpha", 1}, "leaky_relu": {"LeakyRelu", "negative_slope", "alpha", .2},
	} {
		m[name] = operation{"x " + p.key, func(x *emit, a *arguments) []*ir.Value {
			return one(x.OpA(p.onnx, x.float(a.value("x")), op.Attr(p.attr, a.num(p.key, p.def))))
		}}
	}
	m["gelu"] = operation{"x approximate", func(x *emit, a *arguments) []*ir.Value {
		v := x.float(a.value("x"))
		if a.has("approximate") && !a.flag("approximate") {
			return one(gelu(x, v))
		}
		const c = 0.7978845608028654 // sqrt(2/pi)
		cube := x.Mul(x.Mul(v, v), v)
		inner := x.Scale(x.Add(v, x.Scale(cube, 0.044715)), c)
		return one(x.Mul(x.Scale(v, .5), x.AddScalar(x.Op("Tanh", inner), 1)))
	}}
}
