package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// activations are the functions of keras.activations that one or two operators say.
var activations = map[string]func(x *emit, v *ir.Value) *ir.Value{
	"linear":      func(_ *emit, v *ir.Value) *ir.Value { return v },
	"relu":        func(x *emit, v *ir.Value) *ir.Value { return x.Op("Relu", v) },
	"relu6":       func(x *emit, v *ir.Value) *ir.Value { return x.Op("Clip", v, x.Scalar(v, 0), x.Scalar(v, 6)) },
	"sigmoid":     func(x *emit, v *ir.Value) *ir.Value { return x.Op("Sigmoid", v) },
	"tanh":        func(x *emit, v *ir.Value) *ir.Value { return x.Op("Tanh", v) },
	"softmax":     func(x *emit, v *ir.Value) *ir.Value { return x.OpA("Softmax", v, op.Attr("axis", -1)) },
	"log_softmax": func(x *emit, v *ir.Value) *ir.Value { return x.OpA("LogSoftmax", v, op.Attr("axis", -1)) },
	"softplus":    func(x *emit, v *ir.Value) *ir.Value { return x.Op("Softplus", v) },
	"softsign":    func(x *emit, v *ir.Value) *ir.Value { return x.Op("Softsign", v) },
	"exponential": func(x *emit, v *ir.Value) *ir.Value { return x.Op("Exp", v) },
	"elu":         func(x *emit, v *ir.Value) *ir.Value { return x.Op("Elu", v) },
	"selu":        func(x *emit, v *ir.Value) *ir.Value { return x.Op("Selu", v) },
	"celu":        func(x *emit, v *ir.Value) *ir.Value { return x.Op("Celu", v) },
	"gelu":        func(x *emit, v *ir.Value) *ir.Value { return gelu(x, v) },
	"leaky_relu":  func(x *emit, v *ir.Value) *ir.Value { return x.OpA("LeakyRelu", v, op.Attr("alpha", .2)) },
	"silu":        func(x *emit, v *ir.Value) *ir.Value { return x.Mul(v, x.Op("Sigmoid", v)) },
	"swish":       func(x *emit, v *ir.Value) *ir.Value { return x.Mul(v, x.Op("Sigmoid", v)) },
	"mish":        func(x *emit, v *ir.Value) *ir.Value { return x.Mul(v, x.Op("Tanh", x.Op("Softplus", v))) },
	"hard_silu":   func(x *emit, v *ir.Value) *ir.Value { return x.Op("HardSwish", v) },
	"hard_swish":  func(x *emit, v *ir.Value) *ir.Value { return x.Op("HardSwish", v) },
	"log_sigmoid": func(x *emit, v *ir.Value) *ir.Value { return x.Neg(x.Op("Softplus", x.Neg(v))) },
	"tanh_shrink": func(x *emit, v *ir.Value) *ir.Value { return x.Sub(v, x.Op("Tanh", v)) },
	"sparse_plus": func(x *emit, v *ir.Value) *ir.Value { // 0 up to -1, (x+1)²/4, x from 1 on
		q := x.AddScalar(v, 1)
		q = x.Where(x.Op("Less", v, x.Scalar(v, 1)), x.Scale(x.Mul(q, q), .25), v)
		return x.Where(x.Op("LessOrEqual", v, x.Scalar(v, -1)), x.Scalar(v, 0), q)
	},
	"sparse_sigmoid": func(x *emit, v *ir.Value) *ir.Value {
		return x.OpA("HardSigmoid", v, op.Attr("alpha", .5), op.Attr("beta", .5))
	},
	"squareplus":  func(x *emit, v *ir.Value) *ir.Value { return squareplus(x, v, 4) },
	"hard_shrink": func(x *emit, v *ir.Value) *ir.Value { return shrink(x, v, .5, false) },
	"soft_shrink": func(x *emit, v *ir.Value) *ir.Value { return shrink(x, v, .5, true) },
	"glu":         func(x *emit, v *ir.Value) *ir.Value { return glu(x, v, v.Fact.Rank()-1) },
	"sparsemax":   func(x *emit, v *ir.Value) *ir.Value { return sparsemax(x, v, v.Fact.Rank()-1) },
	"hard_tanh":   func(x *emit, v *ir.Value) *ir.Value { return x.Op("Clip", v, x.Scalar(v, -1), x.Scalar(v, 1)) },
}

// gelu is x/2 * (1 + erf(x/sqrt(2))), said in operators of every opset.
func gelu(x *emit, v *ir.Value) *ir.Value {
	const invSqrt2 = .7071067811865476
	return x.Mul(x.Scale(v, .5), x.AddScalar(x.Op("Erf", x.Scale(v, invSqrt2)), 1))
}

// activate applies the function that an argument names; it may be a name or a serialised object.
func (x *emit) activate(key string, v *ir.Value) *ir.Value {
	name := "linear"
	switch a := x.layer.get(key).(type) {
	case nil:
	case string:
		name = a
	case map[string]any:
		class, _ := a["class_name"].(string)
		if slices.Contains(activationLayers, class) {
			return x.activationLayer(a, v)
		}
		var ok bool
		if name, ok = a["config"].(string); !ok {
			if name, ok = a["class_name"].(string); ok {
				name = snake(name)
			}
		}
		if !ok {
			x.Fail(argument(key, a))
			return v
		}
	default:
		x.Fail(argument(key, a))
		return v
	}
	return x.activated(name, v)
}

// activated applies a function of keras.activations by name.
func (x *emit) activated(name string, v *ir.Value) *ir.Value {
	if name == "hard_sigmoid" {
		// Keras 2: clip(0.2x+0.5), Keras 3: clip(x/6+0.5).
		alpha := 1. / 6
		if x.converter.keras2() {
			alpha = .2
		}
		return x.OpA("HardSigmoid", v, op.Attr("alpha", alpha), op.Attr("beta", .5))
	}
	f := activations[name]
	if f == nil {
		x.Fail(op.Unsupportedf("activation %s", name))
		return v
	}
	return f(x, v)
}

// activationLayers are the classes of layers that are given as functions.
var activationLayers = []string{"ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"}

// activationLayer applies a layer, such as LeakyReLU, that was given as a function.
func (x *emit) activationLayer(m map[string]any, v *ir.Value) *ir.Value {
	wrap := &layer{Config: map[string]any{"layer": m}}
	l, err := wrap.inner("layer")
	if err != nil {
		x.Fail(err)
		return v
	}
	return x.applyInner(l, v)[0]
}
