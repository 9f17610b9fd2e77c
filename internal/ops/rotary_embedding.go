package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opRotaryEmbedding turns pairs of elements of each head by angles that depend on the position:
//
//	(x1, x2) -> (cos*x1 - sin*x2, sin*x1 + cos*x2)
//
// X is [batch, heads, len, size] or [batch, len, num_heads*size]. Of each head the first
// rotary_embedding_dim elements turn, all where that is 0: pairs are its halves or, interleaved,
// neighbours. cos_cache and sin_cache are [positions, dim/2], picked by position_ids [batch, len], or
// [batch, len, dim/2] without those. Half types compute in float32.
var opRotaryEmbedding = &op.Def{
	Name: "RotaryEmbedding", Since: 23,
	Doc: "Pairs of elements turned by angles that depend on the position.",
	In: []op.Param{
		op.In("X", "T", op.Differentiable), op.In("cos_cache", "T", op.Differentiable), op.In("sin_cache", "T", op.Differentiable),
		op.Opt("position_ids", "M", op.Zero),
	},
	Out:    []op.Param{op.Out("Y", "T")},
	Attrs:  []op.AttrDef{op.Int("interleaved", 0), op.May("num_heads", op.IntKind), op.Int("rotary_embedding_dim", 0)},
	Types:  op.Types{"T": {tensor.Float32, tensor.Float16, tensor.BFloat16}, "M": {tensor.Int64}},
	Expand: expandRotaryEmbedding,
}

func expandRotaryEmbedding(b *op.Builder, n *op.Node) []*ir.Value {
	heads, size, dim, err := rotaryDims(n)
	if err != nil {
		b.Fail(err)
		return n.Node.Out
	}
	in := n.Node.In
	x := b.Cast(in[0], tensor.Float32)
	flat := n.In(0).Rank() == 3
	if flat { // to [batch, heads, len, size]
		x = b.Transpose(b.ReshapeTo(x, 0, 0, heads, size), 0, 2, 1, 3)
	}
	angle := func(v *ir.Value) *ir.Value {
		if n.HasIn(3) {
			v = b.Gather(v, in[3], 0)
		}
		return b.Unsqueeze(b.Cast(v, tensor.Float32), 1)
	}
	y := rotate(b, b.Slice(x, 3, 0, dim), angle(in[1]), angle(in[2]), dim, n.Bool("interleaved"))
	if dim < size {
		y = b.Concat(3, y, b.Slice(x, 3, dim, size))
	}
	if flat {
		y = b.ReshapeTo(b.Transpose(y, 0, 2, 1, 3), 0, 0, heads*size)
	}
	return []*ir.Value{b.Cast(y, n.In(0).DType)}
}

// rotate turns the pairs of x [batch, heads, len, dim].
func rotate(b *op.Builder, x, cos, sin *ir.Value, dim int, interleaved bool) *ir.Value {
	axis := 3
	if interleaved { // pairs on an axis of their own
		x = reshapeExact(b, x, b.Concat(0, b.Slice(b.Shape(x), 0, 0, 3), b.Ints(dim/2, 2)))
		axis = 4
	}
	half := b.Emit(2, "Split", []*ir.Value{x}, op.Attr("axis", axis), op.Attr("num_outputs", 2))
	x1, x2 := half[0], half[1]
	if interleaved {
		x1, x2 = b.Squeeze(x1, axis), b.Squeeze(x2, axis)
	}
	re, im := b.Sub(b.Mul(cos, x1), b.Mul(sin, x2)), b.Add(b.Mul(sin, x1), b.Mul(cos, x2))
	if !interleaved {
		return b.Concat(axis, re, im)
	}
	y := b.Concat(axis, b.Unsqueeze(re, axis), b.Unsqueeze(im, axis))
	return reshapeExact(b, y, b.Concat(0, b.Slice(b.Shape(y), 0, 0, 3), b.Ints(dim)))
}

// rotaryDims returns the number of heads (of inputs of rank 3), their size, and how much of it turns.
func rotaryDims(n *op.Node) (heads, size, dim int, err error) {
	x := n.In(0)
	r := x.Rank()
	if r != 3 && r != 4 {
		return 0, 0, 0, op.Shapef("X is %v, expected rank 3 or 4", x)
	}
	size, ok := x.Shape[r-1].Int()
	if !ok {
		return 0, 0, 0, op.Unsupportedf("RotaryEmbedding of %v: the last size must be known", x)
	}
	if r == 3 {
		if heads = n.Int("num_heads"); heads < 1 || size%heads != 0 {
			return 0, 0, 0, op.Shapef("%v does not divide into num_heads = %d heads", x, heads)
		}
		size /= heads
	}
	if dim = n.Int("rotary_embedding_dim"); dim == 0 {
		dim = size
	}
	if dim < 2 || dim > size || dim%2 != 0 {
		return 0, 0, 0, op.Shapef("rotary_embedding_dim %d of heads of size %d, expected an even number up to that", dim, size)
	}
	want := 3
	if n.HasIn(3) {
		want = 2
		if p := n.In(3); p.Ranked && len(p.Shape) != 2 {
			return 0, 0, 0, op.Shapef("position_ids is %v, expected [batch, len]", p)
		}
	}
	for i := 1; i <= 2; i++ {
		if f := n.In(i); f.Ranked && (len(f.Shape) != want || knownOther(f.Shape[want-1], ir.Known(dim/2))) {
			return 0, 0, 0, op.Shapef("%s is %v, expected rank %d with last size %d", n.Def.In[i].Name, f, want, dim/2)
		}
	}
	return heads, size, dim, nil
}
