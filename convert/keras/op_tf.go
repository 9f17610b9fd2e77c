package keras

import (
	"math"
	"strings"
	"sync"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tfOwn are functions of TensorFlow whose arguments do not fit a function of keras.ops, by name as
// findTF has it. Their parameters are TensorFlow's.
var tfOwn = sync.OnceValue(func() map[string]operation {
	m := map[string]operation{
		"linalg.matmul":     {"a b transpose_a transpose_b adjoint_a adjoint_b a_is_sparse b_is_sparse", tfMatMul},
		"slice":             {"input_ begin size", tfSlice},
		"strided_slice":     {"input_ begin end strides begin_mask end_mask ellipsis_mask new_axis_mask shrink_axis_mask", tfStridedSlice},
		"gather":            {"params indices validate_indices axis batch_dims", tfGather},
		"gather_nd":         {"params indices batch_dims bad_indices_policy", tfGatherND},
		"one_hot":           {"indices depth on_value off_value axis dtype", tfOneHot},
		"sort":              {"values axis direction", tfSort(false)},
		"argsort":           {"values axis direction stable", tfSort(true)},
		"norm":              {"tensor ord axis keepdims", tfNorm},
		"fill":              {"dims value", tfFill},
		"zeros":             {"shape dtype", tfConstant(0)},
		"ones":              {"shape dtype", tfConstant(1)},
		"range":             {"start limit delta dtype", tfRange},
		"cumsum":            {"x axis exclusive reverse", tfCumSum},
		"linalg.band_part":  {"input num_lower num_upper", tfBandPart},
		"sequence_mask":     {"lengths maxlen dtype", tfSequenceMask},
		"nn.moments":        {"x axes shift keepdims", tfMoments},
		"pad":               {"tensor paddings mode constant_values", tfPad},
		"multiply_no_nan":   {"x y", tfMultiplyNoNaN},
		"reciprocal_no_nan": {"x", tfReciprocalNoNaN},
		"reverse_sequence":  {"input seq_lengths seq_axis batch_axis", tfReverseSequence},
		"clip_by_norm":      {"t clip_norm axes", tfClipByNorm},
		"add_n":             {"inputs", func(x *emit, a *arguments) []*ir.Value { return one(x.Emit(1, "Sum", a.list("inputs"))[0]) }},
		"accumulate_n": {"inputs shape tensor_dtype", func(x *emit, a *arguments) []*ir.Value {
			a.get("shape")
			a.get("tensor_dtype")
			return one(x.Emit(1, "Sum", a.list("inputs"))[0])
		}},
		"strings.lower": {"input encoding", tfCase("LOWER")},
		"strings.upper": {"input encoding", tfCase("UPPER")},
		"nn.crelu": {"features axis", func(x *emit, a *arguments) []*ir.Value {
			v := a.value("features")
			return one(x.Op("Relu", x.Concat(a.axis("axis", -1, v.Fact.Rank()), v, x.Neg(v))))
		}},
		"keras.backend.batch_flatten": {"x", func(x *emit, a *arguments) []*ir.Value {
			return one(x.Emit(1, "Flatten", []*ir.Value{a.value("x")})[0])
		}},
		"ensure_shape": {"x shape", func(x *emit, a *arguments) []*ir.Value {
			a.get("shape")
			return one(a.value("x"))
		}},
	}
	for name, onnx := range map[string]string{"xlogy": "log", "xlog1py": "log1p", "xdivy": "reciprocal"} {
		m[name] = operation{"x y", func(x *emit, a *arguments) []*ir.Value {
			v := a.alike("x", "y")
			zero := x.Op("Equal", v[0], x.Scalar(v[0], 0))
			return one(x.Where(zero, x.Scalar(v[0], 0), x.Mul(v[0], x.callOperation(onnx, []any{v[1]}, nil)[0])))
		}}
	}
	for _, action := range []string{"add", "max", "min"} {
		m["tensor_scatter_nd_"+action] = operation{"tensor indices updates", func(x *emit, a *arguments) []*ir.Value {
			a.values["inputs"], a.values["reduction"] = a.get("tensor"), action
			return scatterUpdate(x, a)
		}}
	}
	tfPlain(m)
	tfImages(m)
	tfResizes(m)
	tfConvolutions(m)
	tfColors(m)
	tfFrames(m)
	tfLosses(m)
	gammaOperations(m)
	tfMatrices(m)
	return m
})

// tfCase changes the letters of ASCII, as TensorFlow does without an encoding. ONNX's operator takes lists alone.
func tfCase(action string) func(x *emit, a *arguments) []*ir.Value {
	return func(x *emit, a *arguments) []*ir.Value {
		v := a.value("input")
		if e := a.text("encoding", ""); e != "" || v.Fact.DType != tensor.String {
			x.Fail(op.Unsupportedf("%v in the encoding %q", v.Fact.DType, e))
			return one(v)
		}
		return one(x.Reshape(x.changedCase(x.ReshapeTo(v, -1), action), x.Shape(v)))
	}
}

// changedCase writes strings (n) in lower or upper case.
func (x *emit) changedCase(v *ir.Value, action string) *ir.Value {
	return x.OpA("StringNormalizer", v, op.Attr("case_change_action", action), op.Attr("is_case_sensitive", 1), op.Attr("locale", "C"))
}

func tfMatMul(x *emit, a *arguments) []*ir.Value {
	v := a.alike("a", "b")
	for i, side := range []string{"a", "b"} {
		if a.flag("transpose_"+side) || a.flag("adjoint_"+side) {
			v[i] = x.matrixTransposed(v[i])
		}
	}
	return one(x.MatMul(v[0], v[1]))
}

func tfSlice(x *emit, a *arguments) []*ir.Value {
	v, begin, size := a.value("input_"), a.ints("begin"), a.ints("size")
	rank := v.Fact.Rank()
	if len(begin) != rank || len(size) != rank {
		a.fail("begin")
		return one(v)
	}
	end := make([]int, rank)
	for i := range end {
		if end[i] = math.MaxInt; size[i] >= 0 {
			end[i] = begin[i] + size[i]
		}
	}
	return one(x.Op("Slice", v, x.Ints(begin...), x.Ints(end...), x.Ints(count(rank)...)))
}

func tfStridedSlice(x *emit, a *arguments) []*ir.Value {
	v, begin, end := a.value("input_"), a.ints("begin"), a.ints("end")
	strides := a.ints("strides")
	for len(strides) < len(begin) {
		strides = append(strides, 1)
	}
	var drop []int
	for i := range begin {
		if len(end) != len(begin) || len(begin) > v.Fact.Rank() || strides[i] == 0 {
			a.fail("begin")
			return one(v)
		}
		bit := 1 << i
		if a.integer("begin_mask", 0)&bit != 0 {
			if begin[i] = 0; strides[i] < 0 {
				begin[i] = -1
			}
		}
		if a.integer("end_mask", 0)&bit != 0 {
			if end[i] = math.MaxInt; strides[i] < 0 {
				end[i] = math.MinInt
			}
		}
		if a.integer("shrink_axis_mask", 0)&bit != 0 {
			drop = append(drop, i)
			if strides[i], end[i] = 1, begin[i]+1; end[i] == 0 {
				end[i] = math.MaxInt
			}
		}
	}
	y := x.Op("Slice", v, x.Ints(begin...), x.Ints(end...), x.Ints(count(len(begin))...), x.Ints(strides...))
	if len(drop) > 0 {
		y = x.Squeeze(y, drop...)
	}
	return one(y)
}

func tfGather(x *emit, a *arguments) []*ir.Value {
	v, at := a.value("params"), a.indices("indices")
	a.get("validate_indices")
	batch := a.integer("batch_dims", 0)
	if batch < 0 {
		batch += at.Fact.Rank()
	}
	axis := a.axis("axis", batch, v.Fact.Rank())
	if batch == 0 {
		return one(x.Gather(v, at, axis))
	}
	if axis != batch || batch >= v.Fact.Rank() || batch > at.Fact.Rank() {
		a.fail("batch_dims")
		return one(v)
	}
	index := x.Unsqueeze(x.Cast(at, tensor.Int64), at.Fact.Rank())
	return x.Emit(1, "GatherND", []*ir.Value{v, index}, op.Attr("batch_dims", batch))
}

func tfGatherND(x *emit, a *arguments) []*ir.Value {
	v, at := a.value("params"), x.Cast(a.indices("indices"), tensor.Int64)
	if p := a.text("bad_indices_policy", ""); p != "" && p != "DEFAULT" {
		a.fail("bad_indices_policy")
	}
	return x.Emit(1, "GatherND", []*ir.Value{v, at}, op.Attr("batch_dims", a.integer("batch_dims", 0)))
}

func tfOneHot(x *emit, a *arguments) []*ir.Value {
	v := a.indices("indices")
	on, off := a.num("on_value", 1), a.num("off_value", 0)
	y := x.oneHot(v, a.integer("depth", 0), a.axis("axis", -1, v.Fact.Rank()+1), a.dtype("dtype", tensor.Float32))
	if on != 1 || off != 0 {
		y = x.AddScalar(x.Scale(y, on-off), off)
	}
	return one(y)
}

// tfSort returns sorting, or the indices that sort.
func tfSort(indices bool) func(*emit, *arguments) []*ir.Value {
	return func(x *emit, a *arguments) []*ir.Value {
		v := a.value("values")
		axis := a.axis("axis", -1, v.Fact.Rank())
		a.get("stable")
		size := x.Op("Gather", x.Shape(v), x.Ints(axis))
		down := a.text("direction", "ASCENDING") == "DESCENDING"
		out := x.Emit(2, "TopK", []*ir.Value{v, size}, op.Attr("axis", axis), op.Attr("largest", down))
		if indices {
			return one(x.Cast(out[1], tensor.Int32))
		}
		return out[:1]
	}
}

func tfNorm(x *emit, a *arguments) []*ir.Value {
	if a.get("ord") == "euclidean" {
		a.values["ord"] = nil
	}
	a.values["x"] = a.get("tensor")
	return normOperation(x, a)
}

func tfFill(x *emit, a *arguments) []*ir.Value {
	return one(x.Expand(a.value("value"), a.sizes("dims")))
}

func tfConstant(c float64) func(*emit, *arguments) []*ir.Value {
	return func(x *emit, a *arguments) []*ir.Value {
		like := &ir.Value{Fact: ir.Typed(a.dtype("dtype", tensor.Float32))}
		return one(x.Expand(x.Scalar(like, c), a.sizes("shape")))
	}
}

func tfRange(x *emit, a *arguments) []*ir.Value {
	a.values["stop"], a.values["step"] = a.get("limit"), a.get("delta")
	return arangeOperation(x, a)
}

func tfCumSum(x *emit, a *arguments) []*ir.Value {
	v := a.value("x")
	axis := x.Const(tensor.Scalar(int64(a.axis("axis", 0, v.Fact.Rank()))))
	return x.Emit(1, "CumSum", []*ir.Value{v, axis}, op.Attr("exclusive", a.flag("exclusive")), op.Attr("reverse", a.flag("reverse")))
}

// tfBandPart keeps the diagonals from -num_lower to num_upper; negative, all of that side.
func tfBandPart(x *emit, a *arguments) []*ir.Value {
	v := a.value("input")
	if up := a.integer("num_upper", -1); up >= 0 {
		v = x.Emit(1, "Trilu", []*ir.Value{v, x.Const(tensor.Scalar(int64(up)))}, op.Attr("upper", 0))[0]
	}
	if low := a.integer("num_lower", -1); low >= 0 {
		v = x.Emit(1, "Trilu", []*ir.Value{v, x.Const(tensor.Scalar(int64(-low)))}, op.Attr("upper", 1))[0]
	}
	return one(v)
}

// tfSequenceMask tells which of the numbers below maxlen, by default the largest length, are below each length.
func tfSequenceMask(x *emit, a *arguments) []*ir.Value {
	v := x.Cast(a.indices("lengths"), tensor.Int64)
	top := x.ReshapeTo(x.Reduce("ReduceMax", v, false))
	if a.has("maxlen") {
		top = x.ReshapeTo(x.Cast(a.asValue("maxlen", a.get("maxlen"), v), tensor.Int64))
	}
	ramp := x.Op("Range", x.Const(tensor.Scalar(int64(0))), top, x.Const(tensor.Scalar(int64(1))))
	return one(x.Cast(x.Op("Less", ramp, x.Unsqueeze(v, v.Fact.Rank())), a.dtype("dtype", tensor.Bool)))
}

func tfMoments(x *emit, a *arguments) []*ir.Value {
	return operations()["moments"].emit(x, a)
}

func tfPad(x *emit, a *arguments) []*ir.Value {
	a.values["x"], a.values["pad_width"] = a.get("tensor"), a.get("paddings")
	a.values["mode"] = strings.ToLower(a.text("mode", "constant"))
	return padOperation(x, a)
}

func tfMultiplyNoNaN(x *emit, a *arguments) []*ir.Value {
	v := a.alike("x", "y")
	return one(x.Where(x.Op("Equal", v[1], x.Scalar(v[1], 0)), x.Scalar(v[0], 0), x.Mul(v[0], v[1])))
}

func tfReciprocalNoNaN(x *emit, a *arguments) []*ir.Value {
	v := a.value("x")
	zero := x.Op("Equal", v, x.Scalar(v, 0))
	return one(x.Where(zero, x.Scalar(v, 0), x.Op("Reciprocal", x.Where(zero, x.Scalar(v, 1), v))))
}

func tfReverseSequence(x *emit, a *arguments) []*ir.Value {
	v, n := a.value("input"), x.Cast(a.indices("seq_lengths"), tensor.Int64)
	rank := v.Fact.Rank()
	batch, time := a.axis("batch_axis", 0, rank), a.axis("seq_axis", 1, rank)
	if batch+time != 1 {
		a.fail("seq_axis")
	}
	n = x.Op("Max", n, x.Scalar(n, 1)) // the same as 0, which onnxruntime leaves unwritten
	return x.Emit(1, "ReverseSequence", []*ir.Value{v, n}, op.Attr("batch_axis", batch), op.Attr("time_axis", time))
}

// tfClipByNorm shortens vectors that are longer than clip_norm: t*clip_norm/max(|t|, clip_norm).
func tfClipByNorm(x *emit, a *arguments) []*ir.Value {
	v, c := x.float(a.value("t")), a.num("clip_norm", 1)
	norm := x.Reduce("ReduceL2", v, true, a.axes("axes", v.Fact.Rank())...)
	return one(x.Div(x.Scale(v, c), x.Op("Max", norm, x.Scalar(norm, c))))
}
