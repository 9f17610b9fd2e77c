package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opGroupNormalization is Y = (X - mean) / sqrt(variance + epsilon) * scale + bias with mean and
// variance of each of num_groups groups of channels of each sample, scale and bias for each channel.
// Before opset 21 they were for each group. Half types compute in float32, whatever stash_type.
// Gradient: see LayerNormalization.
var opGroupNormalization = &op.Def{
	Name: "GroupNormalization", Since: 21,
	Doc: "Groups of channels of each sample brought to mean 0 and variance 1, then scaled and shifted.",
	In: []op.Param{op.In("X", "T", op.Differentiable), op.In("scale", "T", op.Differentiable),
		op.In("bias", "T", op.Differentiable)},
	Out:   []op.Param{op.Out("Y", "T")},
	Attrs: []op.AttrDef{op.Float("epsilon", 1e-5), op.Need("num_groups", op.IntKind), op.Int("stash_type", 1)},
	Infer: inferGroupNormalization,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindGroupNormalization[float32], tensor.Float64: bindGroupNormalization[float64],
	}),
	InPlace: []int{0},
	Grad:    gradGroupNormalization,
	Old: []op.Version{{
		Since: 18, Expand: expandGroupNormalization,
		Attrs: []op.AttrDef{op.Float("epsilon", 1e-5), op.Need("num_groups", op.IntKind)},
	}},
}

// expandGroupNormalization repeats the parameters of each group for its channels.
func expandGroupNormalization(b *op.Builder, n *op.Node) []*ir.Value {
	x, groups := n.Node.In[0], n.Int("num_groups")
	for i := 1; i <= 2; i++ {
		f := n.In(i)
		if f.Ranked && (len(f.Shape) != 1 || knownOther(f.Shape[0], ir.Known(groups))) {
			b.Fail(op.Shapef("%s is %v, expected an element for each of %d groups", n.Def.In[i].Name, f, groups))
		}
	}
	if groups < 1 {
		b.Fail(op.Malformedf("num_groups is %d", groups))
	}
	if b.Err() != nil {
		return n.Node.Out
	}
	each := b.Div(b.Slice(b.Shape(x), 0, 1, 2), b.Ints(groups))
	repeat := func(v *ir.Value) *ir.Value {
		return b.ReshapeTo(b.Expand(b.Unsqueeze(v, 1), b.Concat(0, b.Ints(1), each)), -1)
	}
	return b.Emit(1, "GroupNormalization", []*ir.Value{x, repeat(n.Node.In[1]), repeat(n.Node.In[2])},
		op.Attr("epsilon", float64(n.Float("epsilon"))), op.Attr("num_groups", groups))
}

func inferGroupNormalization(n *op.Node) error {
	if s := tensor.DType(n.Int("stash_type")); !s.Valid() || !s.IsFloat() {
		return op.Unsupportedf("stash_type %d, expected a floating-point type", n.Int("stash_type"))
	}
	x, groups := n.In(0), n.Int("num_groups")
	if x.Ranked {
		if len(x.Shape) < 2 {
			return op.Shapef("X is %v, expected [batch, channels, ...]", x)
		}
		if c, ok := x.Shape[1].Int(); groups < 1 || ok && c%groups != 0 {
			return op.Shapef("%v channels do not divide into %d groups", x.Shape[1], groups)
		}
	}
	if err := checkChannels(n, 1, 2); err != nil {
		return err
	}
	return op.InferSame(n)
}

func bindGroupNormalization[T tensor.Float](n *op.Node) (op.Kernel, error) {
	samples, c, inner := splitChannels(n.InShape(0))
	groups := n.Int("num_groups")
	k := kernel.NewNormalize[T](kernel.RowNorm{
		Rows: samples * groups, Length: c / groups * inner, Groups: groups, Step: c / groups, Inner: max(1, inner),
		Epsilon: float64(n.Float("epsilon")),
	})
	return runNormalize(k), nil
}

func gradGroupNormalization(g *op.Grad) {
	rank, ok := needRank(g)
	if !ok {
		return
	}
	d := wideOf(g.In(0))
	x, dy := g.Cast(g.In(0), d), g.Cast(g.DOut(0), d)
	// [batch, channels, ...] as [batch, groups, channels of a group, ...] and back
	in := g.In(0)
	each := g.Div(g.Slice(g.Shape(in), 0, 1, 2), g.Ints(g.Node.Int("num_groups")))
	parts := []*ir.Value{g.Slice(g.Shape(in), 0, 0, 1), g.Ints(g.Node.Int("num_groups")), each}
	if rank > 2 {
		parts = append(parts, g.Slice(g.Shape(in), 0, 2, rank))
	}
	shape := g.Concat(0, parts...)
	split := func(v *ir.Value) *ir.Value { return reshapeExact(g.Builder, v, shape) }
	join := func(v *ir.Value) *ir.Value { return reshapeExact(g.Builder, v, g.Shape(in)) }
	axes := axesFrom(2, rank+1)
	xhat, inv := standardize(g.Builder, split(x), g.Node.Float("epsilon"), false, axes...)
	if g.Need(0) {
		dhat := g.Mul(dy, perChannel(g.Builder, g.Cast(g.In(1), d), rank))
		setAs(g, 0, join(unstandardize(g.Builder, split(dhat), xhat, inv, false, axes...)))
	}
	channelGrads(g, dy, join(xhat), rank)
}
