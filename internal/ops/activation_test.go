package ops

import (
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func TestActivations(t *testing.T) {
	x := f32([]float32{-2.5, -.75, .5, 3.5}, 2, 2)
	w := func(v ...float32) []tensor.Any { return ins(f32(v, 2, 2)) }
	ends := f32([]float32{inf32, -inf32, nan32}, 3)
	runRows(t, []row{
		{name: "default", op: "LeakyRelu", in: ins(x), want: w(-.025, -.0075, .5, 3.5)},
		{name: "alpha", op: "LeakyRelu", opset: 6, attrs: attrs(at("alpha", .5)), in: ins(x), want: w(-1.25, -.375, .5, 3.5)},
		{name: "infinite", op: "LeakyRelu", attrs: attrs(at("alpha", math.Inf(1))), in: ins(x), err: "finite"},
		{name: "ends", op: "LeakyRelu", in: ins(ends), want: ins(ends), nograd: true},
		{name: "row", op: "PRelu", in: ins(x, f32([]float32{.5, -2}, 2)), want: w(-1.25, 1.5, .5, 3.5)},
		{name: "one", op: "PRelu", opset: 7, in: ins(x, f32([]float32{.1}, 1)), want: w(-.25, -.075, .5, 3.5)},
		{name: "ints", op: "PRelu", opset: 9, in: ins(i32([]int32{-2, 2}, 2), i32([]int32{3}, 1)), want: ins(i32([]int32{-6, 2}, 2))},
		{name: "wrong way", op: "PRelu", in: ins(f32([]float32{1, 2}, 2), x), err: "does not broadcast"},
		{name: "longer slope", op: "PRelu", in: ins(f32([]float32{1}, 1), f32([]float32{1, 2}, 2)), err: "does not broadcast"},
		{name: "default", op: "Elu", in: ins(x), want: w(-.917915, -.52763345, .5, 3.5)},
		{name: "alpha", op: "Elu", opset: 7, attrs: attrs(at("alpha", 2.)), in: ins(x), want: w(-1.83583, -1.0552669, .5, 3.5)},
		{name: "ends", op: "Elu", in: ins(ends), want: ins(f32([]float32{inf32, -1, nan32}, 3)), nograd: true},
		{name: "default", op: "Selu", opset: 6, in: ins(x), want: w(-1.6137858, -.92763202, .52535051, 3.6774536)},
		{name: "alpha", op: "Celu", attrs: attrs(at("alpha", 2.)), in: ins(x), want: w(-1.4269904, -.6254214, .5, 3.5)},
		{name: "negative alpha", op: "Celu", opset: 12, attrs: attrs(at("alpha", -2.)), in: ins(x), want: w(-4.980686, -.9099828, .5, 3.5)},
		{name: "zero alpha", op: "Celu", attrs: attrs(at("alpha", 0.)), in: ins(x), err: "alpha is 0"},
		{name: "float64 before 28", op: "Celu", opset: 12, in: ins(f64([]float64{1}, 1)), err: "does not take"},
		{name: "default", op: "HardSigmoid", in: ins(f32([]float32{-3, -1, 1, 3}, 2, 2)), want: w(0, .3, .7, 1)},
		{name: "attributes", op: "HardSigmoid", opset: 6, attrs: attrs(at("alpha", .5), at("beta", .25)), in: ins(x), want: w(0, 0, .5, 1)},
		{name: "default", op: "HardSwish", opset: 14, in: ins(x), want: w(-.20833333, -.28125, .29166667, 3.5)},
		{name: "default", op: "Softplus", opset: 7, in: ins(x), want: w(.078889734, .38687101, .97407698, 3.5297504)},
		{name: "ends", op: "Softplus", in: ins(f32([]float32{-1000, 1000, nan32, -inf32}, 2, 2)), want: w(0, 1000, nan32, 0), nograd: true},
		{name: "default", op: "Softsign", opset: 7, in: ins(x), want: w(-.71428573, -.42857143, .33333334, .7777778)},
		{name: "erf", op: "Gelu", in: ins(x), want: w(-.01552416, -.16997051, .34573123, 3.4991858)},
		{name: "tanh", op: "Gelu", attrs: attrs(at("approximate", "tanh")), in: ins(x), want: w(-.015084266, -.17003944, .34571401, 3.4993838)},
		{name: "unknown", op: "Gelu", attrs: attrs(at("approximate", "fast")), in: ins(x), err: "expected none or tanh"},
		{name: "default", op: "Mish", opset: 18, in: ins(x), want: w(-.1968162, -.27649471, .37524521, 3.4939907)},
		{name: "default", op: "Swish", in: ins(x), want: w(-.18964545, -.24061598, .31122967, 3.3974072)},
		{name: "alpha", op: "Swish", attrs: attrs(at("alpha", 2.)), in: ins(x), want: w(-.016732127, -.13681914, .36552929, 3.4968113)},
		{name: "default", op: "ThresholdedRelu", opset: 10, in: ins(x), want: w(0, 0, 0, 3.5)},
		{name: "nan", op: "ThresholdedRelu", in: ins(f32([]float32{nan32}, 1)), want: ins(f32([]float32{0}, 1)), nograd: true},
		{name: "soft", op: "Shrink", attrs: attrs(at("lambd", 1.), at("bias", .25)), in: ins(x), want: w(-2.25, 0, 0, 3.25)},
		{name: "ints", op: "Shrink", attrs: attrs(at("lambd", 2.), at("bias", 1.)), in: ins(tensor.Vector[int8](-4, -2, 0, 3)), want: ins(tensor.Vector[int8](-3, 0, 0, 2))},
		{name: "int by a fraction", op: "Shrink", attrs: attrs(at("bias", 1.5)), in: ins(i64([]int64{-4, 4}, 2)), want: ins(i64([]int64{-2, 2}, 2))},
		{name: "unsigned", op: "Shrink", attrs: attrs(at("bias", 5.)), in: ins(tensor.Vector[uint8](1, 9)), want: ins(tensor.Vector[uint8](252, 4))},
	})
}

func TestSoftmaxes(t *testing.T) {
	x := f32([]float32{1, 2, 3, 1, 1, 4}, 2, 3)
	big := f32([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2)
	runRows(t, []row{
		{name: "last", op: "LogSoftmax", in: ins(x), want: ins(f32([]float32{-2.407606, -1.407606, -.407606, -3.0949229, -3.0949229, -.0949229}, 2, 3))},
		{name: "first", op: "LogSoftmax", attrs: attrs(at("axis", 0)), in: ins(x), want: ins(f32([]float32{-.6931472, -.3132617, -1.3132617, -.6931472, -1.3132617, -.3132617}, 2, 3))},
		{name: "flat", op: "LogSoftmax", opset: 11, in: ins(big), want: ins(f32([]float32{-3.4401897, -2.4401897, -1.4401897, -.4401897, -3.4401897, -2.4401897, -1.4401897, -.4401897}, 2, 2, 2))},
		{name: "large", op: "LogSoftmax", in: ins(f32([]float32{1000, -1000}, 2)), want: ins(f32([]float32{0, -2000}, 2)), nograd: true},
		{name: "axis", op: "LogSoftmax", attrs: attrs(at("axis", 2)), in: ins(x), err: "axis 2"},
		{name: "empty", op: "LogSoftmax", in: ins(f32(nil, 2, 0)), want: ins(f32(nil, 2, 0))},
		{name: "last", op: "Softmax", in: ins(x), want: ins(f32([]float32{.09003057, .24472848, .66524094, .045278586, .045278586, .9094428}, 2, 3))},
		{name: "masked", op: "Softmax", in: ins(f32([]float32{1, -inf32, 1}, 3)), want: ins(f32([]float32{.5, 0, .5}, 3)), nograd: true},
		{name: "last", op: "Hardmax", in: ins(x), want: ins(f32([]float32{0, 0, 1, 0, 0, 1}, 2, 3))},
		{name: "first of equals", op: "Hardmax", attrs: attrs(at("axis", 0)), in: ins(x), want: ins(f32([]float32{1, 1, 0, 0, 0, 1}, 2, 3))},
		{name: "nan", op: "Hardmax", in: ins(f32([]float32{3, nan32, nan32}, 3)), want: ins(f32([]float32{0, 1, 0}, 3))},
		{name: "flat", op: "Hardmax", opset: 7, in: ins(big), want: ins(f32([]float32{0, 0, 0, 1, 0, 0, 0, 1}, 2, 2, 2))},
	})
}

func TestMath(t *testing.T) {
	x := f32([]float32{-.75, .25, .5}, 3)
	w := func(v ...float32) []tensor.Any { return ins(f32(v, 3)) }
	runRows(t, []row{
		{name: "f32", op: "Reciprocal", opset: 7, in: ins(x), want: w(-1.3333334, 4, 2)},
		{name: "f32", op: "Floor", opset: 7, in: ins(x), want: w(-1, 0, 0)},
		{name: "f32", op: "Ceil", opset: 7, in: ins(x), want: w(0, 1, 1)},
		{name: "even", op: "Round", opset: 11, in: ins(f32([]float32{2.5, -1.5, .5, 2.6, inf32}, 5)), want: ins(f32([]float32{2, -2, 0, 3, inf32}, 5))},
		{name: "f32", op: "Erf", in: ins(x), want: w(-.7111556, .2763264, .5204999)},
		{name: "double", op: "Erf", opset: 9, in: ins(f64([]float64{.5}, 1)), want: ins(f64([]float64{math.Erf(.5)}, 1))},
		{name: "ints", op: "Erf", opset: 9, in: ins(i64([]int64{-9, -1, 0, 1, 9}, 5)), want: ins(i64([]int64{-1, 0, 0, 0, 1}, 5))},
		{name: "f32", op: "Sin", in: ins(x), want: w(-.6816388, .247404, .4794255)},
		{name: "f32", op: "Cos", in: ins(x), want: w(.7316889, .9689124, .8775826)},
		{name: "f32", op: "Tan", in: ins(x), want: w(-.9315964, .2553419, .5463025)},
		{name: "f32", op: "Asin", in: ins(x), want: w(-.848062, .2526803, .5235988)},
		{name: "f32", op: "Acos", in: ins(x), want: w(2.4188585, 1.3181161, 1.0471976)},
		{name: "f32", op: "Atan", in: ins(x), want: w(-.6435011, .2449787, .4636476)},
		{name: "f32", op: "Sinh", in: ins(x), want: w(-.8223167, .2526123, .5210953)},
		{name: "f32", op: "Cosh", in: ins(x), want: w(1.2946833, 1.0314131, 1.127626)},
		{name: "f32", op: "Asinh", in: ins(x), want: w(-.6931472, .2474664, .4812118)},
		{name: "f32", op: "Acosh", in: ins(f32([]float32{1.5, 2, 3}, 3)), want: w(.9624237, 1.316958, 1.7627472)},
		{name: "f32", op: "Atanh", in: ins(x), want: w(-.9729551, .2554128, .5493062)},
		{name: "outside", op: "Acosh", opset: 9, in: ins(f32([]float32{.5, 1, nan32}, 3)), want: w(nan32, 0, nan32), nograd: true},
		{name: "outside", op: "Asin", opset: 7, in: ins(f32([]float32{2, 1, -2}, 3)), want: w(nan32, math.Pi/2, nan32), nograd: true},
	})
}

func TestSumMean(t *testing.T) {
	a, b, c := f32([]float32{1, 2, 3}, 3), f32([]float32{10, 20}, 2, 1), tensor.Any(tensor.Scalar[float32](100))
	runRows(t, []row{
		{name: "spread", op: "Sum", in: ins(a, b, c), want: ins(f32([]float32{111, 112, 113, 121, 122, 123}, 2, 3))},
		{name: "one", op: "Sum", in: ins(a), want: ins(a)},
		{name: "v6", op: "Sum", opset: 7, in: ins(a, a), want: ins(f32([]float32{2, 4, 6}, 3))},
		{name: "v6 spread", op: "Sum", opset: 6, in: ins(a, b), err: "does not broadcast"},
		{name: "spread", op: "Mean", in: ins(a, b, c), want: ins(f32([]float32{37, 37.333332, 37.666668, 40.333332, 40.666668, 41}, 2, 3))},
		{name: "one", op: "Mean", opset: 8, in: ins(b), want: ins(b)},
		{name: "ints", op: "Mean", in: ins(i32([]int32{1}, 1)), err: "does not take"},
	})
}
