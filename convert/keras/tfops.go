package keras

import (
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// tfFunction says which function of keras.ops a function of TensorFlow is, and what its parameters are
// called there. A parameter that reads a=b is a in TensorFlow and b in keras.ops; a name alone is both.
type tfFunction struct{ name, params string }

// tfFunctions are those that TFOpLambda layers call, without the prefixes compat.v1 and math.
var tfFunctions = map[string]tfFunction{
	"__operators__.add": {"add", "x=x1 y=x2"}, "__operators__.radd": {"add", "y=x2 x=x1"}, "add": {"add", "x=x1 y=x2"},
	"subtract": {"subtract", "x=x1 y=x2"}, "multiply": {"multiply", "x=x1 y=x2"}, "truediv": {"true_divide", "x=x1 y=x2"},
	"divide": {"true_divide", "x=x1 y=x2"}, "floordiv": {"floor_divide", "x=x1 y=x2"}, "floor_div": {"floor_divide", "x=x1 y=x2"}, "floormod": {"mod", "x=x1 y=x2"},
	"mod": {"mod", "x=x1 y=x2"}, "pow": {"power", "x=x1 y=x2"}, "maximum": {"maximum", "x=x1 y=x2"}, "minimum": {"minimum", "x=x1 y=x2"},
	"squared_difference": {"squared_difference", "x=x1 y=x2"}, "greater": {"greater", "x=x1 y=x2"},
	"greater_equal": {"greater_equal", "x=x1 y=x2"}, "less": {"less", "x=x1 y=x2"}, "less_equal": {"less_equal", "x=x1 y=x2"},
	"equal": {"equal", "x=x1 y=x2"}, "not_equal": {"not_equal", "x=x1 y=x2"}, "__operators__.eq": {"equal", "self=x1 other=x2"},
	"__operators__.ne": {"not_equal", "self=x1 other=x2"}, "logical_and": {"logical_and", "x=x1 y=x2"},
	"logical_or": {"logical_or", "x=x1 y=x2"}, "logical_xor": {"logical_xor", "x=x1 y=x2"},
	"clip_by_value": {"clip", "t=x clip_value_min=x_min clip_value_max=x_max"}, "where": {"where", "condition x=x1 y=x2"},
	"cast": {"cast", "x dtype"}, "reshape": {"reshape", "tensor=x shape=newshape"}, "transpose": {"transpose", "a=x perm=axes"},
	"expand_dims": {"expand_dims", "input=x axis"}, "squeeze": {"squeeze", "input=x axis"}, "concat": {"concatenate", "values=xs axis"},
	"stack": {"stack", "values=x axis"}, "unstack": {"unstack", "value=x num axis"}, "split": {"split", "value=x num_or_size_splits axis"},
	"shape": {"shape", "input=x out_type=dtype"}, "tile": {"tile", "input=x multiples=repeats"},
	"repeat": {"repeat", "input=x repeats axis"}, "broadcast_to": {"broadcast_to", "input=x shape"}, "zeros_like": {"zeros_like", "input=x dtype"},
	"ones_like": {"ones_like", "input=x dtype"}, "reverse": {"flip", "tensor=x axis"}, "roll": {"roll", "input=x shift axis"},
	"argmax": {"argmax", "input=x axis output_type=dtype"}, "argmin": {"argmin", "input=x axis output_type=dtype"},
	"einsum": {"einsum", "subscripts x1 x2 x3 x4"}, "l2_normalize": {"l2_normalize", "x axis epsilon"},
	"nn.softmax": {"softmax", "logits=x axis"}, "nn.log_softmax": {"log_softmax", "logits=x axis"}, "nn.relu": {"relu", "features=x"},
	"atan2": {"arctan2", "y=x1 x=x2"}, "divide_no_nan": {"divide_no_nan", "x=x1 y=x2"}, "tensordot": {"tensordot", "a=x1 b=x2 axes"},
	"count_nonzero": {"count_nonzero", "input=x axis keepdims dtype"}, "nn.relu6": {"relu6", "features=x"}, "nn.elu": {"elu", "features=x"}, "nn.selu": {"selu", "features=x"},
	"nn.leaky_relu": {"leaky_relu", "features=x alpha=negative_slope"}, "nn.gelu": {"gelu", "features=x approximate"},
	"nn.softsign": {"softsign", "features=x"},
	"softplus":    {"softplus", "features=x"}, "nn.l2_normalize": {"l2_normalize", "x axis epsilon"}, "top_k": {"top_k", "input=x k sorted"},
	"bitwise.bitwise_and": {"bitwise_and", "x y"}, "bitwise.bitwise_or": {"bitwise_or", "x y"}, "bitwise.bitwise_xor": {"bitwise_xor", "x y"},
	"bitwise.left_shift": {"left_shift", "x y"}, "bitwise.right_shift": {"right_shift", "x y"}, "bitwise.invert": {"bitwise_not", "x"},
	"dtypes.saturate_cast": {"saturate_cast", "value=x dtype"}, "bessel_i0": {"i0", "x"}, "linalg.det": {"det", "input=x"}, "linalg.inv": {"inv", "input=x"}, "linalg.solve": {"solve", "matrix=a rhs=b"}, "linalg.cholesky": {"cholesky", "input=x"}, "linalg.logdet": {"logdet", "matrix=x"}, "linalg.slogdet": {"slogdet", "input=x"},
	"segment_sum": {"segment_sum", "data segment_ids"}, "segment_prod": {"segment_prod", "data segment_ids"}, "unsorted_segment_prod": {"segment_prod", "data segment_ids num_segments"},
	"compat.v1.math.in_top_k": {"in_top_k", "predictions targets k"}, "scalar_mul": {"multiply", "scalar=x1 x=x2"}, "truncatemod": {"fmod", "x=x1 y=x2"}, "realdiv": {"true_divide", "x=x1 y=x2"},
	"linspace": {"linspace", "start stop num axis"}, "meshgrid": {"meshgrid", "x1 x2 x3 x4 indexing"}, "signal.frame": {"extract_sequences", "signal=x frame_length=sequence_length frame_step=sequence_stride"},
	"tensor_scatter_nd_update": {"scatter_update", "tensor=inputs indices updates"}, "scatter_nd": {"scatter", "indices updates=values shape"},
	"unsorted_segment_sum": {"segment_sum", "data segment_ids num_segments"}, "unsorted_segment_max": {"segment_max", "data segment_ids num_segments"},
	"unsorted_segment_min": {"segment_min", "data segment_ids num_segments"}, "nn.in_top_k": {"in_top_k", "targets predictions k"}, "in_top_k": {"in_top_k", "targets predictions k"},
	"keras.backend.binary_crossentropy": {"binary_crossentropy", "target output from_logits"}, "keras.backend.categorical_crossentropy": {"categorical_crossentropy", "target output from_logits axis"},
	"keras.backend.sparse_categorical_crossentropy": {"sparse_categorical_crossentropy", "target output from_logits axis"},
	"image.ssim":    {"ssim", "img1=image1 img2=image2 max_val filter_size filter_sigma k1 k2"},
	"stop_gradient": {"copy", "input=x"}, "identity": {"copy", "input=x"}, "convert_to_tensor": {"copy", "value=x"},
}

// findTF returns a function of TensorFlow by the name that a layer has for it.
func findTF(function string) (tfFunction, bool) {
	name := tfName(function)
	for _, n := range []string{function, name} {
		if f, ok := tfFunctions[n]; ok {
			return f, true
		}
	}
	if f, ok := tfUnary[name]; ok {
		return tfFunction{f, "x"}, true
	}
	if f, ok := tfReductions[strings.TrimPrefix(name, "reduce_")]; ok && strings.HasPrefix(name, "reduce_") {
		return tfFunction{f, "input_tensor=x axis keepdims"}, true
	}
	return tfFunction{}, false
}

// tfName drops the prefixes of a function that say nothing.
func tfName(function string) string {
	return strings.TrimPrefix(strings.TrimPrefix(function, "compat.v1."), "math.")
}

// tfUnary are functions of x alone.
var tfUnary = map[string]string{
	"abs": "abs", "exp": "exp", "log": "log", "log1p": "log1p", "erfc": "erfc", "log_sigmoid": "log_sigmoid", "rint": "round", "nn.softplus": "softplus", "expm1": "expm1", "sqrt": "sqrt", "rsqrt": "rsqrt", "square": "square",
	"negative": "negative", "reciprocal": "reciprocal", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
	"erf": "erf", "sigmoid": "sigmoid", "nn.sigmoid": "sigmoid", "nn.tanh": "tanh", "floor": "floor", "ceil": "ceil", "round": "round",
	"sign": "sign", "logical_not": "logical_not", "is_nan": "isnan", "is_inf": "isinf", "is_finite": "isfinite", "asin": "arcsin",
	"acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "erfinv": "erfinv", "atanh": "arctanh", "neg": "negative",
}

var tfReductions = map[string]string{
	"mean": "mean", "sum": "sum", "max": "max", "min": "min", "prod": "prod", "all": "all", "any": "any", "logsumexp": "logsumexp",
	"variance": "var", "std": "std", "euclidean_norm": "norm",
}

// tfLayer emits a TFOpLambda: one call of a function of TensorFlow.
func tfLayer(x *emit) []*ir.Value {
	args, words := x.operands()
	return x.callTF(x.layer.text("function", ""), args, words)
}

// callTF emits a function of TensorFlow on arguments by place and by name.
func (x *emit) callTF(function string, args []any, words map[string]any) []*ir.Value {
	if own, ok := tfOwn()[tfName(function)]; ok {
		delete(words, "name")
		return x.callAs(own, "tf."+function, args, words)
	}
	f, ok := findTF(function)
	if !ok {
		x.Fail(op.Unsupportedf("the function tf.%s", function))
		return one(&ir.Value{Name: function})
	}
	kwargs := map[string]any{}
	for i, p := range strings.Fields(f.params) {
		theirs, ours, renamed := strings.Cut(p, "=")
		if !renamed {
			ours = theirs
		}
		if v, ok := words[theirs]; ok {
			kwargs[ours] = v
			delete(words, theirs)
		}
		if i < len(args) {
			kwargs[ours] = args[i]
		}
	}
	for k, v := range words {
		if n, ok := whole(v); k == "batch_dims" && ok && n == 0 {
			continue
		}
		if k != "name" && v != nil && v != false && v != "" {
			x.Fail(op.Unsupportedf("argument %s of tf.%s", k, function))
		}
	}
	tfAdjust(x, function, f.name, kwargs)
	return x.callOperation(f.name, nil, kwargs)
}

// tfAdjust writes arguments whose meaning differs in TensorFlow.
func tfAdjust(x *emit, function, name string, kw map[string]any) {
	switch name {
	case "argmax", "argmin", "count_nonzero":
		if kw["dtype"] == nil {
			kw["dtype"] = "int64"
		}
		if kw["axis"] == nil && name != "count_nonzero" {
			kw["axis"] = 0
		}
	case "concatenate", "stack", "split", "unstack":
		if kw["axis"] == nil {
			kw["axis"] = 0
		}
	case "gelu":
		if kw["approximate"] == nil {
			kw["approximate"] = false
		}
	}
	if sizes, ok := kw["num_or_size_splits"]; ok { // sizes, where keras.ops has the places to cut at
		delete(kw, "num_or_size_splits")
		if list, isList := sizes.([]any); isList {
			var cuts []any
			at := 0
			list = x.restOfSizes(kw, list)
			for _, s := range list[:max(0, len(list)-1)] {
				n, ok := whole(s)
				if !ok || n < 0 {
					x.Fail(argument("num_or_size_splits", sizes))
				}
				at += n
				cuts = append(cuts, at)
			}
			sizes = cuts
		}
		kw["indices_or_sections"] = sizes
	}
	if v, ok := kw["x"].(*ir.Value); ok && name == "reciprocal" && !isFloat(v.Fact.DType) {
		x.Fail(op.Unsupportedf("tf.%s of %v", function, v.Fact.DType))
	}
}

// restOfSizes writes the -1 among the sizes of a split as what the others leave.
func (x *emit) restOfSizes(kw map[string]any, list []any) []any {
	rest := slices.IndexFunc(list, func(v any) bool { n, ok := whole(v); return ok && n == -1 })
	v, ok := kw["x"].(*ir.Value)
	axis, isWhole := whole(kw["axis"])
	if rest < 0 || !ok || !isWhole || axis < -v.Fact.Rank() || axis >= v.Fact.Rank() {
		return list
	}
	size := x.dim(v, axis)
	for i, s := range list {
		if n, _ := whole(s); i != rest {
			size -= n
		}
	}
	list = slices.Clone(list)
	list[rest] = size
	return list
}

// slicingLayer emits a SlicingOpLambda: x[key].
func slicingLayer(x *emit) []*ir.Value {
	switch f := x.layer.text("function", ""); f {
	case "__operators__.getitem":
	case "boolean_mask", "compat.v1.boolean_mask":
		args, words := x.operands()
		return x.callTF(f, args, words)
	default:
		x.Fail(op.Unsupportedf("the function tf.%s", f))
		return one(&ir.Value{Name: f})
	}
	args, words := x.operands()
	kw := map[string]any{}
	for k, v := range words {
		switch k {
		case "slice_spec":
			kw["key"] = v
		case "name", "var":
		default:
			kw[k] = v
		}
	}
	return x.callOperation("get_item", args, kw)
}
