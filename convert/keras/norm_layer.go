package keras

import (
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// axesOf returns the axes that an argument lists, counted from the start, in the order given.
func (x *emit) axesOf(key string, rank int) []int {
	axes := []int{-1}
	if x.layer.has(key) {
		axes = slices.Clone(x.layer.ints(key, 1))
	}
	if len(axes) == 0 || rank < 1 {
		x.Fail(argument(key, x.layer.get(key)))
		return []int{0}
	}
	for i := range axes {
		axes[i] = x.axis(axes[i], rank)
	}
	sorted := slices.Clone(axes)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) != len(axes) {
		x.Fail(argument(key, x.layer.get(key)))
	}
	return axes
}

// along takes a weight of the sizes of v along the axes, as a constant in the order of the axes.
func (x *emit) along(name string, v *ir.Value, axes []int) *tensor.Tensor[float32] {
	shape := make([]int, len(axes))
	for i, a := range axes {
		shape[i] = x.dim(v, a)
	}
	if x.Err() != nil {
		return nil
	}
	t := x.take(name, shape...)
	if t == nil {
		return nil
	}
	sorted := slices.Clone(axes)
	slices.Sort(sorted)
	for i, a := range sorted {
		shape[i] = x.dim(v, a)
	}
	return x.reshaped(t, shape...) // Keras reshapes too: the elements keep their order
}

// layerNormalization is (x-mean)/sqrt(variance+epsilon)*gamma+beta over any axes; with rms_scaling,
// x/sqrt(variance+epsilon)*gamma, the variance being that around the mean.
func layerNormalization(x *emit) []*ir.Value {
	x.noCall("mask")
	v := x.in[0]
	axes := x.axesOf("axis", v.Fact.Rank())
	eps := x.layer.num("epsilon", 1e-3)
	rms := x.layer.flag("rms_scaling", false)
	var gamma, beta *tensor.Tensor[float32]
	if scale := x.layer.flag("scale", true); scale || rms {
		gamma = x.along("gamma", v, axes)
	}
	if center := x.layer.flag("center", true); center && !rms {
		beta = x.along("beta", v, axes)
	}
	if x.Err() != nil {
		return one(v)
	}
	slices.Sort(axes)
	if rms {
		d := x.Sub(v, x.Reduce("ReduceMean", v, true, axes...))
		y := x.Div(v, x.Op("Sqrt", x.AddScalar(x.Reduce("ReduceMean", x.Mul(d, d), true, axes...), eps)))
		return one(x.Mul(y, x.constant("gamma", x.spread(gamma, v, axes))))
	}
	return one(x.normalize(v, axes, gamma, beta, eps))
}

// spread gives a weight along axes the rank of v.
func (x *emit) spread(t *tensor.Tensor[float32], v *ir.Value, axes []int) *tensor.Tensor[float32] {
	rank := v.Fact.Rank()
	shape := slices.Repeat([]int{1}, rank)
	for i, a := range axes {
		shape[a] = t.Shape()[i]
	}
	first := rank
	for i, n := range shape {
		if n != 1 {
			first = i
			break
		}
	}
	return x.reshaped(t, shape[min(first, rank-1):]...)
}

// normalize emits LayerNormalization, whose axes are the last ones: others are brought there.
func (x *emit) normalize(v *ir.Value, axes []int, gamma, beta *tensor.Tensor[float32], eps float64) *ir.Value {
	rank := v.Fact.Rank()
	var perm []int
	for i := range rank {
		if !slices.Contains(axes, i) {
			perm = append(perm, i)
		}
	}
	perm = append(perm, axes...)
	back := make([]int, rank)
	for i, p := range perm {
		back[p] = i
	}
	moved := !slices.IsSorted(perm)
	if gamma == nil {
		shape := make(tensor.Shape, len(axes))
		for i, a := range axes {
			shape[i] = x.dim(v, a)
		}
		gamma = tensor.Zeros[float32](shape...)
		for i := range gamma.Data() {
			gamma.Data()[i] = 1
		}
	}
	in := []*ir.Value{v, x.constant("gamma", gamma), nil}
	if moved {
		in[0] = x.Transpose(v, perm...)
	}
	if beta != nil {
		in[2] = x.constant("beta", beta)
	}
	y := x.Emit(1, "LayerNormalization", in, op.Attr("axis", -len(axes)), op.Attr("epsilon", eps))[0]
	if moved {
		y = x.Transpose(y, back...)
	}
	return y
}

// rmsNormalization is x/sqrt(mean(x²)+epsilon)*scale, where scale counts as if the axes were the last, as
// Keras has it. ONNX's operator of that name is of opset 23.
func rmsNormalization(x *emit) []*ir.Value {
	x.noCall("mask")
	v := x.in[0]
	axes := x.axesOf("axis", v.Fact.Rank())
	scale := x.along("scale", v, axes)
	eps := x.layer.num("epsilon", 1e-6)
	if x.Err() != nil {
		return one(v)
	}
	slices.Sort(axes)
	root := x.Op("Sqrt", x.AddScalar(x.Reduce("ReduceMean", x.Mul(v, v), true, axes...), eps))
	return one(x.Mul(x.Div(v, root), x.constant("scale", scale)))
}

// unitNormalization divides by the Euclidean norm. Keras 3 bounds the norm by 1e-12 from below, Keras 2
// its square.
func unitNormalization(x *emit) []*ir.Value {
	x.noCall("mask")
	v := x.in[0]
	return one(x.unit(v, x.axesOf("axis", v.Fact.Rank())...))
}

func (x *emit) unit(v *ir.Value, axes ...int) *ir.Value {
	least := 1e-12
	if x.converter.keras2() {
		least = 1e-6
	}
	norm := x.Reduce("ReduceL2", v, true, axes...)
	return x.Div(v, x.Op("Max", norm, x.Scalar(v, least)))
}

// groupNormalization normalises groups of channels, each over all of its elements: InstanceNormalization
// of the groups, since ONNX's GroupNormalization has a scale for each channel from opset 21 on only.
func groupNormalization(x *emit) []*ir.Value {
	x.noCall("mask")
	v := x.in[0]
	rank := v.Fact.Rank()
	axis := x.axis(x.layer.integer("axis", -1), rank)
	groups := x.layer.integer("groups", 32)
	eps := x.layer.num("epsilon", 1e-3)
	n := x.dim(v, axis)
	if groups == -1 {
		groups = n
	}
	if x.Err() != nil || axis == 0 || groups < 1 || n%groups != 0 {
		x.Fail(op.Unsupportedf("%d groups of axis %d of %v", groups, axis, v.Fact))
		return one(v)
	}
	forth, back := swapTo1(axis, rank)
	if axis != 1 {
		v = x.Transpose(v, forth...)
	}
	ones := tensor.Zeros[float32](groups)
	for i := range ones.Data() {
		ones.Data()[i] = 1
	}
	in := []*ir.Value{x.ReshapeTo(v, 0, groups, -1), x.constant("ones", ones), x.constant("zeros", tensor.Zeros[float32](groups))}
	y := x.Reshape(x.Emit(1, "InstanceNormalization", in, op.Attr("epsilon", eps))[0], x.shapeOf(v))
	column := append([]int{n}, slices.Repeat([]int{1}, rank-2)...)
	if x.layer.flag("scale", true) {
		if t := x.take("gamma", n); t != nil {
			y = x.Mul(y, x.constant("gamma", x.reshaped(t, column...)))
		}
	}
	if x.layer.flag("center", true) {
		if t := x.take("beta", n); t != nil {
			y = x.Add(y, x.constant("beta", x.reshaped(t, column...)))
		}
	}
	if axis != 1 {
		y = x.Transpose(y, back...)
	}
	return one(y)
}

// shapeOf returns the shape of v for a Reshape: a constant where one size at most is not known besides
// the first.
func (x *emit) shapeOf(v *ir.Value) *ir.Value {
	shape := make([]int, v.Fact.Rank())
	unknown := 0
	for i, d := range v.Fact.Shape {
		n, ok := d.Int()
		switch {
		case ok && n > 0:
			shape[i] = n
		case i == 0:
			shape[i] = 0
		default:
			shape[i], unknown = -1, unknown+1
		}
	}
	if unknown > 1 {
		return x.Shape(v)
	}
	return x.Ints(shape...)
}

// layerScale is a factor for each channel, as the ConvNeXt models of keras.applications have it.
func layerScale(x *emit) []*ir.Value {
	x.noCall()
	x.layer.get("init_values")
	if m := x.layer.Module; m != "" && !strings.HasPrefix(m, "keras") {
		x.Fail(op.Unsupportedf("a class LayerScale of module %s", m))
		return x.in[:1]
	}
	gamma := x.weight("gamma", x.layer.integer("projection_dim", 0))
	if x.Err() != nil {
		return x.in[:1]
	}
	return one(x.Mul(x.in[0], gamma))
}
