package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opShape is the shape of its input as an int64 vector, or axes start to end (exclusive) of it;
// both are counted from the end where negative and clamped to the rank.
var opShape = &op.Def{
	Name: "Shape", Since: 25,
	Doc:     "The sizes of axes start to end as an int64 vector.",
	In:      []op.Param{op.In("data", "T", op.Zero)},
	Out:     []op.Param{op.Out("shape", "T1")},
	Attrs:   []op.AttrDef{op.May("end", op.IntKind), op.Int("start", 0)},
	Types:   op.Types{"T1": {tensor.Int64}},
	Infer:   inferShape,
	Kernels: op.Each(bindShape, allTypes...),
	Old: []op.Version{
		{Since: 24, Types: op.Types{"T": types24}},
		{Since: 23, Types: op.Types{"T": types23}},
		{Since: 21, Types: op.Types{"T": types21}},
		{Since: 19, Types: op.Types{"T": types19}},
		{Since: 15, Types: op.Types{"T": types13}},
		{Since: 13, Types: op.Types{"T": types13}, Attrs: noAttrs},
		{Since: 1, Types: op.Types{"T": op.AllClassic}, Attrs: noAttrs},
	},
}

// shapeRange returns the axes that Shape lists, of a tensor of the given rank.
func shapeRange(n *op.Node, rank int) (start, end int) {
	clamp := func(a int) int {
		if a < 0 {
			a += rank
		}
		return min(max(a, 0), rank)
	}
	end = rank
	if n.HasAttr("end") {
		end = clamp(n.Int("end"))
	}
	start = clamp(n.Int("start"))
	return start, max(start, end)
}

func inferShape(n *op.Node) error {
	n.SetOut(0, ir.Fact{DType: tensor.Int64, Ranked: true, Shape: ir.Shape{ir.Unknown}})
	if x := n.In(0); x.Ranked {
		start, end := shapeRange(n, len(x.Shape))
		setElems(n, 0, append([]ir.Dim{}, x.Shape[start:end]...), false)
	}
	return nil
}

func bindShape(n *op.Node) (op.Kernel, error) {
	s := n.InShape(0)
	start, end := shapeRange(n, len(s))
	s = s[start:end]
	return func(c *op.Call) error {
		d := op.Result[int64](c, 0)
		for i, v := range s {
			d[i] = int64(v)
		}
		return nil
	}, nil
}
