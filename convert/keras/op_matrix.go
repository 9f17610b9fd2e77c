package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// matrixOperations adds functions of square matrices that ONNX's Det gives. logdet is the logarithm of
// the determinant as it is, so a negative one gives NaN.
func matrixOperations(m map[string]operation) {
	m["det"] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Op("Det", x.float(a.value("x"))))
	}}
	m["logdet"] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Op("Log", x.Op("Det", x.float(a.value("x")))))
	}}
	m["slogdet"] = operation{"x", func(x *emit, a *arguments) []*ir.Value {
		det := x.Op("Det", x.float(a.value("x")))
		return []*ir.Value{x.Op("Sign", det), x.Op("Log", x.Op("Abs", det))}
	}}
	m["ctc_decode"] = operation{"inputs sequence_lengths strategy beam_width top_paths merge_repeated mask_index", ctcDecode}
}

// ctcDecode takes the likeliest class of each step of inputs (batch, steps, classes), up to each
// sequence's length, and leaves out blanks and, with merge_repeated, what repeats the step before. It
// returns the classes that are left as (1, batch, steps) with -1 behind them, and minus the sum of the
// scores of all steps as (batch, 1).
func ctcDecode(x *emit, a *arguments) []*ir.Value {
	v, lengths := x.Cast(a.value("inputs"), tensor.Float32), x.Cast(a.value("sequence_lengths"), tensor.Int64)
	if s := a.text("strategy", "greedy"); s != "greedy" {
		x.Fail(op.Unsupportedf("ctc_decode with strategy %q: ONNX has no beam search; greedy is converted", s))
		return []*ir.Value{v, v}
	}
	a.get("beam_width") // of beam search
	if a.integer("top_paths", 1) != 1 {
		a.fail("top_paths")
	}
	if v.Fact.Rank() != 3 {
		a.fail("inputs")
		return []*ir.Value{v, v}
	}
	classes := x.dim(v, 2)
	blank := a.integer("mask_index", 0)
	if blank < 0 {
		blank += classes
	}
	merge := !a.has("merge_repeated") || a.flag("merge_repeated")
	class := x.Emit(1, "ArgMax", one(v), op.Attr("axis", -1), op.Attr("keepdims", 0))[0]
	steps := x.Op("Gather", x.Shape(v), x.Const(tensor.Scalar[int64](1)))
	zero, step := x.Const(tensor.Scalar[int64](0)), x.Const(tensor.Scalar[int64](1))
	within := x.Op("Less", x.Unsqueeze(x.Op("Range", zero, steps, step), 0), x.Unsqueeze(lengths, 1))
	scores := x.Where(within, x.Reduce("ReduceMax", v, false, -1), x.Scalar(v, 0))
	keep := x.Op("And", within, x.Op("Not", x.Op("Equal", class, x.Scalar(class, float64(blank)))))
	none := x.Scalar(class, -1)
	if merge {
		before := x.Op("Pad", x.slice(class, 1, 0, -1, 1), x.Ints(0, 1, 0, 0), none)
		keep = x.Op("And", keep, x.Op("Not", x.Op("Equal", class, before)))
	}
	// Each class goes to its place among those that are left, the rest to one more place at the end.
	place := x.AddScalar(x.Op("CumSum", x.Cast(keep, tensor.Int64), x.Const(tensor.Scalar[int64](1))), -1)
	place = x.Where(keep, place, steps)
	empty := x.Expand(none, x.Add(x.Shape(class), x.Ints(0, 1)))
	in := []*ir.Value{empty, place, x.Where(keep, class, none)}
	y := x.slice(x.Emit(1, "ScatterElements", in, op.Attr("axis", 1))[0], 1, 0, -1, 1)
	return []*ir.Value{x.Unsqueeze(x.Cast(y, tensor.Int32), 0), x.Neg(x.Sum(scores, true, 1))}
}
