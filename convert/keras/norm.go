package keras

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// axis returns an axis counted from the start.
func (x *emit) axis(a, rank int) int {
	k := a
	if k < 0 {
		k += rank
	}
	if k < 0 || k >= rank {
		x.Fail(op.Shapef("axis %d of a value of rank %d", a, rank))
		return 0
	}
	return k
}

// constantOr takes a weight where the flag holds, else a constant of one number repeated.
func (x *emit) constantOr(flag, name string, n int, v float32) *ir.Value {
	if x.layer.flag(flag, true) {
		return x.weight(name, n)
	}
	t := tensor.Zeros[float32](n)
	for i := range t.Data() {
		t.Data()[i] = v
	}
	return x.constant(name, t)
}

// batchNormalization is gamma*(x-mean)/sqrt(variance+epsilon)+beta with the moving mean and variance,
// along any axis.
func batchNormalization(x *emit) []*ir.Value {
	x.noCall("mask")
	for _, k := range []string{"virtual_batch_size", "renorm_momentum", "renorm_clipping", "adjustment"} {
		x.layer.get(k)
	}
	axes := x.layer.ints("axis", 1)
	if !x.layer.has("axis") {
		axes = []int{-1}
	}
	v := x.in[0]
	rank := v.Fact.Rank()
	if len(axes) > 1 {
		return one(x.batchNormalizationOver(v, axes))
	}
	if len(axes) != 1 || rank < 2 {
		x.Fail(argument("axis", x.layer.get("axis")))
		return one(v)
	}
	axis := x.axis(axes[0], rank)
	if axis == 0 {
		x.Fail(argument("axis", x.layer.get("axis")))
		return one(v)
	}
	n := x.dim(v, axis)
	if x.Err() != nil {
		return one(v)
	}
	gamma, beta := x.constantOr("scale", "gamma", n, 1), x.constantOr("center", "beta", n, 0)
	in := []*ir.Value{nil, gamma, beta, x.weight("moving_mean", n), x.weight("moving_variance", n)}
	forth, back := swapTo1(axis, rank)
	if axis != 1 {
		v = x.Transpose(v, forth...)
	}
	in[0] = v
	x.dropRenorm()
	y := x.Emit(1, "BatchNormalization", in, op.Attr("epsilon", x.layer.num("epsilon", 1e-3)), op.Attr("momentum", x.layer.num("momentum", .99)))[0]
	if n := x.converter.beside; n > 1 && x.Err() == nil {
		x.converter.train.steps[y.Node] = n
	}
	if axis != 1 {
		y = x.Transpose(y, back...)
	}
	return one(y)
}

// batchNormalizationOver has a mean for each place along several axes, and weights of the input's rank.
func (x *emit) batchNormalizationOver(v *ir.Value, axes []int) *ir.Value {
	shape := slices.Repeat([]int{1}, v.Fact.Rank())
	for _, a := range axes {
		a = x.axis(a, len(shape))
		if a == 0 {
			x.Fail(argument("axis", x.layer.get("axis")))
			return v
		}
		shape[a] = x.dim(v, a)
	}
	if x.Err() != nil {
		return v
	}
	x.layer.get("momentum")
	var gamma, beta *ir.Value
	if x.layer.flag("scale", true) {
		gamma = x.weight("gamma", shape...)
	}
	if x.layer.flag("center", true) {
		beta = x.weight("beta", shape...)
	}
	v = x.Sub(v, x.weight("moving_mean", shape...))
	v = x.Div(v, x.Op("Sqrt", x.AddScalar(x.weight("moving_variance", shape...), x.layer.num("epsilon", 1e-3))))
	if x.dropRenorm(); gamma != nil {
		v = x.Mul(v, gamma)
	}
	if beta != nil {
		v = x.Add(v, beta)
	}
	return v
}

// dropRenorm passes over moving_stddev, renorm_mean and renorm_stddev, which count in training alone.
func (x *emit) dropRenorm() {
	if x.layer.flag("renorm", false) && len(x.weights) == 3 {
		x.weights = nil
	}
}

// swapTo1 returns the permutation that brings an axis behind the first, the others keeping their order,
// and the one back.
func swapTo1(axis, rank int) (forth, back []int) {
	forth = []int{0, axis}
	for i := 1; i < rank; i++ {
		if i != axis {
			forth = append(forth, i)
		}
	}
	back = make([]int, rank)
	for i, p := range forth {
		back[p] = i
	}
	return forth, back
}
