package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// relu is max(x, 0), cut at max_value; below the threshold it is negative_slope*(x-threshold).
func relu(x *emit) []*ir.Value {
	x.noCall()
	v := x.in[0]
	slope, threshold := x.layer.num("negative_slope", 0), x.layer.num("threshold", 0)
	capped, most := x.layer.has("max_value"), x.layer.num("max_value", 0)
	if slope == 0 && threshold == 0 {
		if capped {
			return one(x.Op("Clip", v, x.Scalar(v, 0), x.Scalar(v, most)))
		}
		return one(x.Op("Relu", v))
	}
	if threshold == 0 && !capped {
		return one(x.OpA("LeakyRelu", v, op.Attr("alpha", slope)))
	}
	var y *ir.Value
	if threshold != 0 {
		y = x.Where(x.Op("Greater", v, x.Scalar(v, threshold)), v, x.Scalar(v, 0))
	} else {
		y = x.Op("Relu", v)
	}
	if capped {
		y = x.Op("Clip", y, x.Scalar(v, 0), x.Scalar(v, most))
	}
	if slope != 0 {
		below := x.Neg(v)
		if threshold != 0 {
			below = x.Sub(x.Scalar(v, threshold), v)
		}
		y = x.Sub(y, x.Scale(x.Op("Relu", below), slope))
	}
	return one(y)
}

// leakyReLU has its slope in alpha in Keras 2, negative_slope in Keras 3.
func leakyReLU(x *emit) []*ir.Value {
	x.noCall()
	slope := x.layer.num("negative_slope", x.layer.num("alpha", .3))
	for _, k := range []string{"negative_slope", "alpha"} {
		if _, ok := number(x.layer.get(k)); !ok && x.layer.has(k) {
			x.Fail(argument(k, x.layer.get(k)))
		}
	}
	return one(x.OpA("LeakyRelu", x.in[0], op.Attr("alpha", slope)))
}

// prelu has a slope for each element, or shared along some axes.
func prelu(x *emit) []*ir.Value {
	x.noCall()
	x.layer.get("shared_axes") // they have size 1 in the weight
	alpha := x.any("alpha")
	if alpha == nil {
		return x.in[:1]
	}
	return one(x.Op("PRelu", x.in[0], alpha))
}

// elu is x where it is positive, else alpha*(exp(x)-1).
func elu(x *emit) []*ir.Value {
	x.noCall()
	return one(x.OpA("Elu", x.in[0], op.Attr("alpha", x.layer.num("alpha", 1))))
}

// thresholdedReLU is x where it is above theta, else 0.
func thresholdedReLU(x *emit) []*ir.Value {
	x.noCall()
	return one(x.OpA("ThresholdedRelu", x.in[0], op.Attr("alpha", x.layer.num("theta", 1))))
}

// softmaxLayer is softmax over one axis or over several.
func softmaxLayer(x *emit) []*ir.Value {
	x.noCall("mask")
	v := x.in[0]
	axes := x.axesOf("axis", v.Fact.Rank())
	mask := x.maskArgument("mask")
	if mask == nil {
		mask = x.mask(v)
	}
	if mask != nil {
		y := x.maskedSoftmaxLayer(v, mask, axes)
		x.setMask(y, x.mask(v))
		return one(y)
	}
	return one(x.softmaxOver(v, axes))
}

// softmaxOver is the softmax over one axis or several together.
func (x *emit) softmaxOver(v *ir.Value, axes []int) *ir.Value {
	if len(axes) == 1 {
		axis := axes[0]
		if axis == v.Fact.Rank()-1 {
			axis = -1
		}
		return x.OpA("Softmax", v, op.Attr("axis", axis))
	}
	e := x.Op("Exp", x.Sub(v, x.Reduce("ReduceMax", v, true, axes...)))
	return x.Div(e, x.Sum(e, true, axes...))
}

// maskedSoftmaxLayer is softmaxOver where mask is true. Up to Keras 3.9 what it is not is lowered by 1e9, so that an
// axis without any true element stays what it was; later it is zero.
func (x *emit) maskedSoftmaxLayer(v, mask *ir.Value, axes []int) *ir.Value {
	if !x.converter.since(3, 10) {
		low := x.Scale(x.Sub(x.Scalar(v, 1), x.Cast(mask, v.Fact.DType)), -1e9)
		return x.softmaxOver(x.Add(v, low), axes)
	}
	y := x.softmaxOver(x.Where(mask, v, x.Scalar(v, -1e9)), axes)
	return x.Where(mask, y, x.Scalar(y, 0))
}
