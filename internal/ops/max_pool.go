package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opMaxPool is the greatest element under a sliding window, NaN where one is, and on demand its
// position in all of X: the first of equal ones. Padding is never the greatest.
// dx adds dy at the positions.
var opMaxPool = &op.Def{
	Name: "MaxPool", Since: 22,
	Doc:   "Greatest element under a sliding window, and where it is.",
	In:    inT("X"),
	Out:   maxPoolOut,
	Attrs: attrList(poolAttrs, poolOrder, poolCeil, poolDilation),
	Types: op.Types{"I": {tensor.Int64}},
	Infer: inferMaxPool,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: bindMaxPool[float32], tensor.Float64: bindMaxPool[float64],
		tensor.Int8: bindMaxPool[int8], tensor.Uint8: bindMaxPool[uint8],
	}),
	Grad: gradMaxPool,
	Old: []op.Version{
		{Since: 12, Types: op.Types{"T": op.List(op.FloatsIEEE, []tensor.DType{tensor.Int8, tensor.Uint8})}},
		{Since: 11, Types: op.Types{"T": op.FloatsIEEE}},
		{Since: 10, Types: op.Types{"T": op.FloatsIEEE}},
		{Since: 8, Types: op.Types{"T": op.FloatsIEEE}, Attrs: attrList(poolAttrs, poolOrder)},
		{Since: 1, Types: op.Types{"T": op.FloatsIEEE}, Attrs: poolAttrs, Out: maxPoolOut[:1]},
	},
}

var (
	maxPoolOut = []op.Param{op.Out("Y", "T"), op.OptOut("Indices", "I")}
	poolOrder  = []op.AttrDef{op.Int("storage_order", 0)}
)

func inferMaxPool(n *op.Node) error {
	if o := n.Int("storage_order"); o != 0 && o != 1 {
		return op.Unsupportedf("storage_order %d", o)
	}
	n.SetOut(1, ir.Fact{DType: tensor.Int64})
	return inferPool(n)
}

func bindMaxPool[T tensor.Number](n *op.Node) (op.Kernel, error) {
	w, _, err := poolWindow(n, n.InShape(0)[2:], n.OutShape(0)[2:])
	if err != nil {
		return nil, err
	}
	k := kernel.NewMaxPool[T](w, n.Bool("storage_order"))
	if !n.HasOut(1) {
		return func(c *op.Call) error {
			k.Run(c.Pool, op.Result[T](c, 0), op.Arg[T](c, 0))
			return nil
		}, nil
	}
	return func(c *op.Call) error {
		k.RunFind(c.Pool, op.Result[T](c, 0), op.Arg[T](c, 0), op.Result[int64](c, 1))
		return nil
	}, nil
}

func gradMaxPool(g *op.Grad) {
	x := g.In(0)
	var pos *ir.Value
	if g.Node.HasOut(1) && !g.Node.Bool("storage_order") {
		pos = g.Out(1)
	} else {
		var same []ir.Attr
		for _, a := range g.Node.Node.Attrs {
			if a.Name != "storage_order" {
				same = append(same, a)
			}
		}
		pos = g.Emit(2, "MaxPool", []*ir.Value{x}, same...)[1]
	}
	flat := g.Ints(-1)
	zeros := g.Expand(g.Scalar(x, 0), g.Unsqueeze(g.Op("Size", x), 0))
	d := g.Emit(1, "ScatterElements", []*ir.Value{zeros, g.Reshape(pos, flat), g.Reshape(g.DOut(0), flat)}, op.Attr("reduction", "add"))[0]
	g.Set(0, g.Reshape(d, g.Shape(x)))
}
