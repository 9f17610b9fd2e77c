package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opUnsqueeze puts axes of size 1 where axes says, counted in the output. The gradient is reshaped back.
var opUnsqueeze = &op.Def{
	Name: "Unsqueeze", Since: 25,
	Doc:     "The same elements with axes of size 1 put in.",
	In:      []op.Param{op.In("data", "T", op.Differentiable), op.In("axes", "int64", op.Zero)},
	Out:     []op.Param{op.Out("expanded", "T")},
	Infer:   inferUnsqueeze,
	Kernels: op.Each(bindCopy, allTypes...),
	View:    true,
	Grad:    gradReshape,
	Old: []op.Version{
		{Since: 24, Types: op.Types{"T": types24}},
		{Since: 23, Types: op.Types{"T": types23}},
		{Since: 21, Types: op.Types{"T": types21}},
		{Since: 13, Types: op.Types{"T": types13}},
		{Since: 11, Types: op.Types{"T": op.AllClassic}, In: inT("data"), Attrs: []op.AttrDef{op.Need("axes", op.IntsKind)}, Expand: expandAxes("Unsqueeze")},
		{Since: 1, Types: op.Types{"T": op.AllClassic}, In: inT("data"), Attrs: []op.AttrDef{op.Need("axes", op.IntsKind)}, Expand: expandAxes("Unsqueeze")},
	},
}

// expandAxes gives what an older version said in the attribute axes as the second input.
func expandAxes(name string) op.Expand {
	return func(b *op.Builder, n *op.Node) []*ir.Value {
		var axes *ir.Value
		if n.HasAttr("axes") {
			axes = b.Ints(n.Ints("axes")...)
		}
		return b.Emit(1, name, []*ir.Value{n.Node.In[0], axes})
	}
}

func inferUnsqueeze(n *op.Node) error {
	x := n.In(0)
	if f := n.In(1); f.Ranked && len(f.Shape) > 1 {
		return op.Shapef("axes is %v, expected a vector", f)
	}
	axes, ok := n.ConstInts(1)
	if !x.Ranked {
		return nil
	}
	if !ok {
		if k, ok := rankFromVector(n.In(1)); ok {
			n.SetShape(0, unknownShape(len(x.Shape)+k))
		}
		return nil
	}
	axes, err := op.ResolveAxes(axes, len(x.Shape)+len(axes))
	if err != nil {
		return err
	}
	out := make(ir.Shape, len(x.Shape)+len(axes))
	for _, a := range axes {
		out[a] = ir.Known(1)
	}
	next := 0
	for i := range out {
		if out[i] == (ir.Dim{}) {
			out[i] = x.Shape[next]
			next++
		}
	}
	n.SetShape(0, out)
	passElems(n)
	return nil
}
