package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opGather picks slices along an axis: with axis 0, y[i...] = x[indices[i...]]. A negative index
// counts from the end; one outside the axis is an error.
// The gradient adds each slice of dy to the slice of dx that it came from.
var opGather = &op.Def{
	Name: "Gather", Since: 13,
	Doc:     "The slices of data along axis that indices names.",
	In:      []op.Param{op.In("data", "T", op.Differentiable), op.In("indices", "Tind", op.Zero)},
	Out:     []op.Param{op.Out("output", "T")},
	Attrs:   []op.AttrDef{op.Int("axis", 0)},
	Types:   op.Types{"Tind": op.Index},
	Infer:   inferGather,
	Kernels: moved(types13, bindGather[uint8], bindGather[uint16], bindGather[uint32], bindGather[uint64], bindGather[wide16], bindGather[string]),
	Grad:    gradGather,
	Old: []op.Version{
		{Since: 11, Types: op.Types{"T": op.AllClassic}},
		{Since: 1, Types: op.Types{"T": op.AllClassic}},
	},
}

func inferGather(n *op.Node) error {
	x, ind := n.In(0), n.In(1)
	if !x.Ranked {
		return nil
	}
	axis, err := tensor.Axis(n.Int("axis"), len(x.Shape))
	if err != nil {
		return op.Shapef("%v", err)
	}
	if !ind.Ranked {
		return nil
	}
	out := append(ir.Shape{}, x.Shape[:axis]...)
	out = append(out, ind.Shape...)
	n.SetShape(0, append(out, x.Shape[axis+1:]...))
	k, ok := n.ConstInts(1)
	if !ok || x.Elems == nil || len(x.Shape) != 1 || len(ind.Shape) > 1 {
		return nil
	}
	elems := make([]ir.Dim, len(k))
	for i, v := range k {
		if v < 0 {
			v += len(x.Elems)
		}
		if v < 0 || v >= len(x.Elems) {
			return indexError(i, int64(k[i]), 0, len(x.Elems))
		}
		elems[i] = x.Elems[v]
	}
	setElems(n, 0, elems, len(ind.Shape) == 0)
	return nil
}

func bindGather[T any](n *op.Node) (op.Kernel, error) {
	in, count := n.InShape(0), n.InShape(1).Len()
	axis, err := in.Axis(n.Int("axis"))
	if err != nil {
		return nil, op.Shapef("%v", err)
	}
	size := in[axis]
	k := kernel.NewGather[T](in[:axis].Len(), size, in[axis+1:].Len(), count)
	needInts(n, count)
	return func(c *op.Call) error {
		index := scratchInts(c, count)
		if err := readIndices(index, c.In[1], axis, size); err != nil {
			return err
		}
		k.Run(c.Pool, words[T](c.Out[0]), words[T](c.In[0]), index)
		return nil
	}, nil
}

// gradGather flattens the indices' axes in dy to one and adds along it.
func gradGather(g *op.Grad) {
	x, ind, dy := g.In(0), g.In(1), g.DOut(0)
	rank := x.Fact.Rank()
	axis, err := tensor.Axis(g.Node.Int("axis"), max(rank, 0))
	if err != nil {
		g.Fail(op.Shapef("%v", err))
		return
	}
	count := g.Reshape(g.Op("Size", ind), g.Ints(1))
	flat := spliceShape(g.Builder, x, axis, count)
	at := make([]*ir.Value, rank)
	for i := range at {
		at[i] = g.Ints(1)
	}
	at[axis] = count
	index := g.Expand(g.Reshape(ind, g.Concat(0, at...)), flat)
	g.Set(0, scatterAdd(g.Builder, zerosLike(g.Builder, x), index, g.Reshape(dy, flat), axis))
}

// spliceShape returns the shape of x with another size of one axis.
func spliceShape(b *op.Builder, x *ir.Value, axis int, size *ir.Value) *ir.Value {
	parts := []*ir.Value{}
	if axis > 0 {
		parts = append(parts, b.OpA("Shape", x, op.Attr("end", axis)))
	}
	parts = append(parts, size)
	if axis < x.Fact.Rank()-1 {
		parts = append(parts, b.OpA("Shape", x, op.Attr("start", axis+1)))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return b.Concat(0, parts...)
}

// scatterAdd adds updates to x at the indices along an axis; indices has the shape of updates.
func scatterAdd(b *op.Builder, x, index, updates *ir.Value, axis int) *ir.Value {
	return b.Emit(1, "ScatterElements", []*ir.Value{x, index, updates}, op.Attr("axis", axis), op.Attr("reduction", "add"))[0]
}
