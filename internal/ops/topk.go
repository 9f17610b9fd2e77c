package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opTopK is the k greatest (or, where largest is 0, least) elements along an axis with their indices.
// They are in order whatever sorted says; of equal elements the first comes first. NaN counts as
// greater than every number. The gradient puts dy where its elements came from.
var opTopK = &op.Def{
	Name: "TopK", Since: 24,
	Doc:   "The k greatest or least elements along axis and their indices.",
	In:    []op.Param{op.In("X", "T", op.Differentiable), op.In("K", "int64", op.Zero)},
	Out:   []op.Param{op.Out("Values", "T"), op.Out("Indices", "I")},
	Attrs: []op.AttrDef{op.Int("axis", -1), op.Int("largest", 1), op.Int("sorted", 1)},
	Types: op.Types{"I": {tensor.Int64}},
	Infer: inferTopK,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindTopK[float32], tensor.Float64: bindTopK[float64],
		tensor.Int8: bindTopK[int8], tensor.Int16: bindTopK[int16], tensor.Int32: bindTopK[int32], tensor.Int64: bindTopK[int64],
		tensor.Uint8: bindTopK[uint8], tensor.Uint16: bindTopK[uint16], tensor.Uint32: bindTopK[uint32], tensor.Uint64: bindTopK[uint64],
	}),
	Grad: gradTopK,
	Old: []op.Version{
		{Since: 11, Types: op.Types{"T": numbersClassic}},
		{Since: 10, Types: op.Types{"T": op.FloatsIEEE}, Attrs: []op.AttrDef{op.Int("axis", -1)}},
		{
			Since: 1, Types: op.Types{"T": op.FloatsIEEE}, In: inT("X"),
			Attrs: []op.AttrDef{op.Int("axis", -1), op.Need("k", op.IntKind)},
			Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
				return b.Emit(2, "TopK", []*ir.Value{n.Node.In[0], b.Ints(n.Int("k"))}, op.Attr("axis", n.Int("axis")))
			},
		},
	},
}

func inferTopK(n *op.Node) error {
	x, k := n.In(0), ir.Unknown
	if f := n.In(1); f.Ranked {
		if size, ok := f.Shape.Size().Int(); ok && size != 1 {
			return op.Shapef("K is %v, expected one element", f)
		}
	}
	if e := n.In(1).Elems; len(e) == 1 {
		k = e[0]
	}
	n.SetOut(1, ir.Fact{DType: tensor.Int64})
	if !x.Ranked {
		return nil
	}
	axis, err := tensor.Axis(n.Int("axis"), len(x.Shape))
	if err != nil {
		return op.Shapef("%v", err)
	}
	if want, ok := k.Int(); ok {
		if size, known := x.Shape[axis].Int(); want < 0 || known && want > size {
			return op.Shapef("K is %d, axis %d of %v", want, axis, x)
		}
	}
	out := append(ir.Shape{}, x.Shape...)
	out[axis] = k
	n.SetShape(0, out)
	n.SetOut(1, ir.Fact{DType: tensor.Int64, Ranked: true, Shape: out})
	return nil
}

func bindTopK[T tensor.Number](n *op.Node) (op.Kernel, error) {
	in := n.InShape(0)
	axis, err := in.Axis(n.Int("axis"))
	if err != nil {
		return nil, op.Shapef("%v", err)
	}
	out := n.OutShape(0)
	if !n.HasOut(0) {
		out = n.OutShape(1)
	}
	count := out.Len()
	if count == 0 {
		return func(*op.Call) error { return nil }, nil
	}
	needInts(n, count)
	k := kernel.NewTopK[T](in[:axis].Len(), in[axis], in[axis+1:].Len(), out[axis], n.Bool("largest"))
	return func(c *op.Call) error {
		k.Run(c.Pool, op.Result[T](c, 0), op.Result[int64](c, 1), op.Arg[T](c, 0), scratchInts(c, count))
		return nil
	}, nil
}

func gradTopK(g *op.Grad) {
	dy := g.DOut(0)
	if dy == nil {
		return
	}
	if !g.Node.HasOut(1) {
		g.Fail(op.Unsupportedf("the gradient of TopK without its output Indices"))
		return
	}
	in := []*ir.Value{zerosLike(g.Builder, g.In(0)), g.Out(1), dy}
	g.Set(0, g.Emit(1, "ScatterElements", in, op.Attr("axis", g.Node.Int("axis")))[0])
}
