package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opSqueeze takes out the axes of size 1 that axes lists, all of them without axes. The gradient is
// reshaped back.
var opSqueeze = &op.Def{
	Name: "Squeeze", Since: 25,
	Doc:     "The same elements without axes of size 1.",
	In:      []op.Param{op.In("data", "T", op.Differentiable), op.Opt("axes", "int64", op.Zero)},
	Out:     []op.Param{op.Out("squeezed", "T")},
	Infer:   inferSqueeze,
	Kernels: op.Each(bindCopy, allTypes...),
	View:    true,
	Grad:    gradReshape,
	Old: []op.Version{
		{Since: 24, Types: op.Types{"T": types24}},
		{Since: 23, Types: op.Types{"T": types23}},
		{Since: 21, Types: op.Types{"T": types21}},
		{Since: 13, Types: op.Types{"T": types13}},
		{Since: 11, Types: op.Types{"T": op.AllClassic}, In: inT("data"), Attrs: []op.AttrDef{op.May("axes", op.IntsKind)}, Expand: expandAxes("Squeeze")},
		{Since: 1, Types: op.Types{"T": op.AllClassic}, In: inT("data"), Attrs: []op.AttrDef{op.May("axes", op.IntsKind)}, Expand: expandAxes("Squeeze")},
	},
}

func inferSqueeze(n *op.Node) error {
	x := n.In(0)
	if !x.Ranked {
		return nil
	}
	gone := make([]bool, len(x.Shape))
	if n.HasIn(1) {
		axes, ok := n.ConstInts(1)
		if !ok {
			if k, ok := rankFromVector(n.In(1)); ok && k <= len(x.Shape) {
				n.SetShape(0, unknownShape(len(x.Shape)-k))
			}
			return nil
		}
		axes, err := op.ResolveAxes(axes, len(x.Shape))
		if err != nil {
			return err
		}
		for _, a := range axes {
			if size, ok := x.Shape[a].Int(); ok && size != 1 {
				return op.Shapef("axis %d of %v has size %d, only size 1 can be squeezed", a, x, size)
			}
			gone[a] = true
		}
	} else {
		for i, d := range x.Shape {
			if _, ok := d.Int(); !ok {
				return nil // whether it is 1 shows when the graph runs
			}
			gone[i] = d.Is(1)
		}
	}
	out := ir.Shape{}
	for i, d := range x.Shape {
		if !gone[i] {
			out = append(out, d)
		}
	}
	n.SetShape(0, out)
	passElems(n)
	return nil
}
