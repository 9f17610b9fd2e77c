package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// tfLosses adds the losses of tf.nn: the cross entropies, one number for each row or element, and l2_loss, sum(t²)/2.
func tfLosses(m map[string]operation) {
	m["nn.sigmoid_cross_entropy_with_logits"] = operation{"labels logits", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("labels", "logits") // max(z,0) - z*y + log(1+exp(-|z|)), log1p(exp(.)) being Softplus
		z := v[1]
		return one(x.Add(x.Sub(x.Op("Relu", z), x.Mul(z, v[0])), x.Op("Softplus", x.Neg(x.Op("Abs", z)))))
	}}
	m["nn.weighted_cross_entropy_with_logits"] = operation{"labels logits pos_weight", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("labels", "logits", "pos_weight")
		y, z := v[0], v[1] // (1-y)*z + (1+(w-1)*y)*softplus(-z)
		weight := x.AddScalar(x.Mul(x.AddScalar(v[2], -1), y), 1)
		return one(x.Add(x.Mul(x.AddScalar(x.Neg(y), 1), z), x.Mul(weight, x.Op("Softplus", x.Neg(z)))))
	}}
	m["nn.softmax_cross_entropy_with_logits"] = operation{"labels logits axis dim", func(x *emit, a *arguments) []*ir.Value {
		v := a.alike("labels", "logits")
		axis := a.axis("axis", a.integer("dim", -1), v[1].Fact.Rank())
		return one(x.Neg(x.Sum(x.Mul(v[0], x.OpA("LogSoftmax", v[1], op.Attr("axis", axis))), false, axis)))
	}}
	m["nn.softmax_cross_entropy_with_logits_v2"] = m["nn.softmax_cross_entropy_with_logits"]
	m["nn.sparse_softmax_cross_entropy_with_logits"] = operation{"labels logits", func(x *emit, a *arguments) []*ir.Value {
		z, y := a.value("logits"), x.Cast(a.indices("labels"), tensor.Int64)
		last := z.Fact.Rank() - 1
		at := x.Unsqueeze(y, y.Fact.Rank())
		chosen := x.Emit(1, "GatherElements", []*ir.Value{x.OpA("LogSoftmax", z, op.Attr("axis", last)), at}, op.Attr("axis", last))[0]
		return one(x.Neg(x.Squeeze(chosen, last)))
	}}
	m["nn.l2_loss"] = operation{"t", func(x *emit, a *arguments) []*ir.Value {
		v := a.value("t")
		return one(x.Scale(x.Reduce("ReduceSumSquare", v, false), .5))
	}}
	// The losses of tf.keras that it cannot take apart.
	for name, power := range map[string]float64{"keras.metrics.hinge": 1, "keras.metrics.squared_hinge": 2} {
		m[name] = operation{"y_true y_pred", func(x *emit, a *arguments) []*ir.Value {
			v := a.alike("y_true", "y_pred")
			margin := x.Op("Relu", x.Sub(x.Scalar(v[1], 1), x.Mul(x.signed(v[0]), v[1])))
			if power == 2 {
				margin = x.Mul(margin, margin)
			}
			return one(x.Reduce("ReduceMean", margin, false, -1))
		}}
	}
}

// signed returns labels of 0 and 1 as -1 and 1, any others as they are.
func (x *emit) signed(y *ir.Value) *ir.Value {
	binary := x.Op("Or", x.Op("Equal", y, x.Scalar(y, 0)), x.Op("Equal", y, x.Scalar(y, 1)))
	all := x.Cast(x.Reduce("ReduceMin", x.Cast(binary, tensor.Int32), false), tensor.Bool)
	return x.Where(all, x.AddScalar(x.Scale(y, 2), -1), y)
}
