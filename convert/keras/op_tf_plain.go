package keras

import (
	"math"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tfPlain adds functions of numbers, sizes and places whose meaning or arguments are TensorFlow's alone.
func tfPlain(m map[string]operation) {
	m["rank"] = operation{"input", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Const(tensor.Scalar(int32(a.value("input").Fact.Rank()))))
	}}
	m["size"] = operation{"input out_type", func(x *emit, a *arguments) []*ir.Value {
		return one(x.Cast(x.Op("Size", a.value("input")), a.dtype("out_type", tensor.Int32)))
	}}
	m["debugging.check_numerics"] = operation{"tensor message", func(x *emit, a *arguments) []*ir.Value {
		a.get("message")
		return one(a.value("tensor"))
	}}
	m["nn.embedding_lookup"] = operation{"params ids partition_strategy validate_indices max_norm", func(x *emit, a *arguments) []*ir.Value {
		a.get("partition_strategy") // of a single table nothing
		a.get("validate_indices")
		return one(x.Gather(a.value("params"), a.indices("ids"), 0))
	}}
	for _, name := range []string{"nn.silu", "nn.swish"} {
		m[name] = operation{"features beta", func(x *emit, a *arguments) []*ir.Value {
			v := a.value("features")
			return one(x.Mul(v, x.Op("Sigmoid", x.Scale(v, a.num("beta", 1)))))
		}}
	}
	m["nn.dropout"] = operation{"x rate noise_shape seed", func(x *emit, a *arguments) []*ir.Value {
		if a.num("rate", 0) != 0 { // not a layer: it drops at inference, too
			a.fail("rate")
		}
		a.get("noise_shape")
		a.get("seed")
		return one(a.value("x"))
	}}
	m["polyval"] = operation{"coeffs x", func(x *emit, a *arguments) []*ir.Value {
		c, v := a.list("coeffs"), a.value("x")
		y := c[0]
		for _, k := range c[1:] {
			y = x.Add(x.Mul(y, v), k)
		}
		return one(y)
	}}
	m["searchsorted"] = operation{"sorted_sequence values side out_type", tfSearchSorted}
	m["space_to_batch_nd"] = operation{"input block_shape paddings", tfSpaceToBatch}
	m["batch_to_space_nd"] = operation{"input block_shape crops", tfBatchToSpace}
	m["boolean_mask"] = operation{"tensor mask axis", tfBooleanMask}
	m["cumprod"] = operation{"x axis exclusive reverse", tfCumProd}
	m["reduce_mean"] = operation{"input_tensor axis keepdims", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("input_tensor")
		if isFloat(v.Fact.DType) {
			return one(a.reduce("ReduceMean", v))
		}
		// of integers an integer: the sum by the number of elements, without the fraction
		sum := a.reduce("ReduceSum", v)
		ones := x.Expand(x.Scalar(v, 1), x.Shape(v))
		return one(x.Div(sum, a.reduce("ReduceSum", ones)))
	}}
}

// tfBooleanMask keeps the elements along an axis for which a vector is true.
func tfBooleanMask(x *emit, a *arguments) []*ir.Value {
	v := a.value("tensor")
	mask := a.asValue("mask", a.get("mask"), &ir.Value{Fact: ir.Typed(tensor.Bool)})
	axis := a.axis("axis", 0, v.Fact.Rank())
	if x.Err() == nil && mask.Fact.Rank() != 1 {
		x.Fail(op.Unsupportedf("a mask of %v", mask.Fact))
	}
	return x.Emit(1, "Compress", []*ir.Value{v, x.Cast(mask, tensor.Bool)}, op.Attr("axis", axis))
}

// tfCumProd is the product of the elements up to each one, which exclusive leaves out; reverse, from the end.
func tfCumProd(x *emit, a *arguments) []*ir.Value {
	v := a.value("x")
	rank := v.Fact.Rank()
	axis := a.axis("axis", 0, rank)
	turned := func(v *ir.Value) *ir.Value { return x.slice(v, axis, -1, math.MinInt, -1) }
	reverse := a.flag("reverse")
	if reverse {
		v = turned(v)
	}
	if a.flag("exclusive") {
		pads := make([]int, 2*rank)
		pads[axis], pads[rank+axis] = 1, -1
		v = x.Op("Pad", v, x.Ints(pads...), x.Scalar(v, 1))
	}
	y := x.callOperation("cumprod", []any{v}, map[string]any{"axis": axis})[0]
	if reverse {
		y = turned(y)
	}
	return one(y)
}

// tfSearchSorted is where each value goes in the row of sorted numbers that belongs to it: behind those below it, or,
// for side right, those not above it.
func tfSearchSorted(x *emit, a *arguments) []*ir.Value {
	v := a.alike("sorted_sequence", "values")
	rank := v[0].Fact.Rank()
	if x.Err() == nil && v[1].Fact.Rank() != rank {
		x.Fail(op.Shapef("%v searched for in %v", v[1].Fact, v[0].Fact))
	}
	below := "Less"
	if a.text("side", "left") == "right" {
		below = "LessOrEqual"
	}
	d := a.dtype("out_type", tensor.Int32)
	before := x.Op(below, x.Unsqueeze(v[0], rank-1), x.Unsqueeze(v[1], rank))
	return one(x.Sum(x.Cast(before, d), false, rank))
}
