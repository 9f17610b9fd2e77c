package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// dense is y = activation(x·kernel + bias) over the last axis.
func dense(x *emit) []*ir.Value {
	x.noCall()
	units := x.layer.integer("units", 0)
	y := x.MatMul(x.float(x.in[0]), x.weight("kernel", -1, units))
	if x.layer.flag("use_bias", true) {
		y = x.Add(y, x.weight("bias", units))
	}
	return one(x.activate("activation", y))
}

// embedding picks rows of a table. Keras casts floats to integers.
func embedding(x *emit) []*ir.Value {
	x.noCall()
	table := x.weight("embeddings", x.layer.integer("input_dim", 0), x.layer.integer("output_dim", 0))
	id := x.in[0]
	var mask *ir.Value
	if x.layer.flag("mask_zero", false) {
		mask = x.Op("Not", x.Op("Equal", id, x.Scalar(id, 0)))
	}
	if d := id.Fact.DType; d != tensor.Int32 && d != tensor.Int64 {
		id = x.Cast(id, tensor.Int64)
	}
	y := x.Gather(table, id, 0)
	x.setMask(y, mask)
	return one(y)
}

// flatten joins all axes but the first; channels_first data is brought to channels_last order before.
func flatten(x *emit) []*ir.Value {
	x.noCall()
	v := x.in[0]
	if x.layer.text("data_format", "channels_last") == "channels_first" && v.Fact.Rank() > 2 {
		perm := []int{0}
		for i := 2; i < v.Fact.Rank(); i++ {
			perm = append(perm, i)
		}
		v = x.Transpose(v, append(perm, 1)...)
	}
	if v.Fact.Rank() == 1 {
		return one(x.Unsqueeze(v, 1))
	}
	return one(x.OpA("Flatten", v, op.Attr("axis", 1)))
}

// concatenate joins its inputs along an axis.
func concatenate(x *emit) []*ir.Value {
	x.noCall()
	axis := x.layer.integer("axis", -1)
	if len(x.in) == 1 {
		return one(x.in[0])
	}
	return one(x.Concat(axis, x.alike(x.in)...))
}

// activation is a layer that applies a function by name.
func activation(x *emit) []*ir.Value {
	x.noCall()
	return one(x.activate("activation", x.in[0]))
}

// randomFourierFeatures is cos(x·kernel/scale + bias), whose products are, but for a factor, a kernel of Gauss's or
// Laplace's form (Rahimi and Recht, Random Features for Large-Scale Kernel Machines, 2007).
func randomFourierFeatures(x *emit) []*ir.Value {
	x.noCall()
	n := x.layer.integer("output_dim", 0)
	for _, k := range []string{"kernel_initializer", "scale"} { // the weights say it
		x.layer.get(k)
	}
	scale := x.weight("kernel_scale", 1)
	y := x.Div(x.MatMul(x.float(x.in[0]), x.weight("unscaled_kernel", -1, n)), scale)
	return one(x.Op("Cos", x.Add(y, x.weight("bias", n))))
}
