package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opSize is the number of elements as an int64 scalar.
var opSize = &op.Def{
	Name: "Size", Since: 25,
	Doc:     "The number of elements as an int64 scalar.",
	In:      []op.Param{op.In("data", "T", op.Zero)},
	Out:     []op.Param{op.Out("size", "T1")},
	Types:   op.Types{"T1": {tensor.Int64}},
	Infer:   inferSize,
	Kernels: op.Each(bindSize, allTypes...),
	Old: []op.Version{
		{Since: 24, Types: op.Types{"T": types24}},
		{Since: 23, Types: op.Types{"T": types23}},
		{Since: 21, Types: op.Types{"T": types21}},
		{Since: 19, Types: op.Types{"T": types19}},
		{Since: 13, Types: op.Types{"T": types13}},
		{Since: 1, Types: op.Types{"T": op.AllClassic}},
	},
}

func inferSize(n *op.Node) error {
	size := ir.Unknown
	if x := n.In(0); x.Ranked {
		size = x.Shape.Size()
	}
	n.SetOut(0, ir.Typed(tensor.Int64))
	setElems(n, 0, []ir.Dim{size}, true)
	return nil
}

func bindSize(n *op.Node) (op.Kernel, error) {
	size := int64(n.InShape(0).Len())
	return func(c *op.Call) error {
		op.Result[int64](c, 0)[0] = size
		return nil
	}, nil
}
