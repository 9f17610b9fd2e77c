package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opFlatten is the same elements as a matrix: the axes before axis are its rows, the others its
// columns. The gradient is reshaped back.
var opFlatten = &op.Def{
	Name: "Flatten", Since: 25,
	Doc:     "A matrix of the axes before axis by those from it on.",
	In:      []op.Param{op.In("input", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("output", "T")},
	Attrs:   []op.AttrDef{op.Int("axis", 1)},
	Infer:   inferFlatten,
	Kernels: op.Each(bindCopy, allTypes...),
	View:    true,
	Grad:    gradReshape,
	Old: []op.Version{
		{Since: 24, Types: op.Types{"T": types24}},
		{Since: 23, Types: op.Types{"T": types23}},
		{Since: 21, Types: op.Types{"T": types21}},
		{Since: 13, Types: op.Types{"T": types13}},
		{Since: 11, Types: op.Types{"T": op.AllClassic}},
		{Since: 9, Types: op.Types{"T": op.AllClassic}},
		{Since: 1, Types: op.Types{"T": op.FloatsIEEE}},
	},
}

// gradReshape is the gradient of an operator that only reshapes its first input.
func gradReshape(g *op.Grad) { g.Set(0, g.Reshape(g.DOut(0), g.Shape(g.In(0)))) }

func inferFlatten(n *op.Node) error {
	x, axis := n.In(0), n.Int("axis")
	if !x.Ranked {
		n.SetShape(0, unknownShape(2))
		return nil
	}
	r := len(x.Shape)
	if axis < -r || axis > r {
		return op.Shapef("axis %d outside [%d,%d]", axis, -r, r)
	}
	if axis < 0 {
		axis += r
	}
	n.SetShape(0, ir.Shape{x.Shape[:axis].Size(), x.Shape[axis:].Size()})
	return nil
}
