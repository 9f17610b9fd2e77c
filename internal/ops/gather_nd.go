package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opGatherND picks slices by tuples of indices: y[i...] = x[indices[i...,0], indices[i...,1], ...].
// The first batch_dims axes of both are walked together. A negative index counts from the end.
// The gradient adds dy to where its slices came from.
var opGatherND = &op.Def{
	Name: "GatherND", Since: 13,
	Doc:     "The slices of data that the tuples in the last axis of indices name.",
	In:      []op.Param{op.In("data", "T", op.Differentiable), op.In("indices", "int64", op.Zero)},
	Out:     []op.Param{op.Out("output", "T")},
	Attrs:   []op.AttrDef{op.Int("batch_dims", 0)},
	Infer:   inferGatherND,
	Kernels: moved(types13, bindGatherND[uint8], bindGatherND[uint16], bindGatherND[uint32], bindGatherND[uint64], bindGatherND[wide16], bindGatherND[string]),
	Grad:    gradGatherND,
	Old: []op.Version{
		{Since: 12, Types: op.Types{"T": op.AllClassic}},
		{Since: 11, Types: op.Types{"T": op.AllClassic}, Attrs: noAttrs},
	},
}

func inferGatherND(n *op.Node) error {
	batch := n.Int("batch_dims")
	k, err := ndTuple(n, batch)
	if err != nil || k < 0 {
		return err
	}
	x, ind := n.In(0).Shape, n.In(1).Shape
	out := append(ir.Shape{}, ind[:len(ind)-1]...)
	for i := range batch {
		if _, ok := out[i].Int(); !ok {
			out[i] = x[i]
		}
	}
	n.SetShape(0, append(out, x[batch+k:]...))
	return nil
}

func bindGatherND[T any](n *op.Node) (op.Kernel, error) {
	batch := n.Int("batch_dims")
	k, err := ndTuple(n, batch)
	if err != nil {
		return nil, err
	}
	if n.OutShape(0).Len() == 0 {
		return func(*op.Call) error { return nil }, nil
	}
	in, ind := n.InShape(0), n.InShape(1)
	tuples, dims := ind[:len(ind)-1].Len(), in[batch:batch+k]
	perBatch := ind[batch : len(ind)-1].Len()
	g := kernel.NewGather[T](1, in[:batch+k].Len(), in[batch+k:].Len(), tuples)
	needInts(n, tuples)
	return func(c *op.Call) error {
		index := scratchInts(c, tuples)
		if err := readTuples(index, op.Arg[int64](c, 1), dims, perBatch); err != nil {
			return err
		}
		g.Run(c.Pool, words[T](c.Out[0]), words[T](c.In[0]), index)
		return nil
	}, nil
}

func gradGatherND(g *op.Grad) {
	batch, x := g.Node.Int("batch_dims"), g.In(0)
	k, err := ndTuple(g.Node, batch)
	if err != nil || k < 0 {
		g.Fail(op.Unsupportedf("the gradient of a GatherND whose tuples have no known length"))
		return
	}
	zeros := slicesOf(g.Builder, zerosLike(g.Builder, x), batch+k)
	dy := slicesOf(g.Builder, g.DOut(0), g.In(1).Fact.Rank()-1)
	index := g.Expand(g.Unsqueeze(flatTuples(g.Builder, x, g.In(1), batch, k), 1), g.Shape(dy))
	g.Set(0, g.Reshape(scatterAdd(g.Builder, zeros, index, dy, 0), g.Shape(x)))
}
