package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opReshape gives the data another shape: 0 copies a size (unless allowzero), -1 is derived.
// The gradient is reshaped back.
var opReshape = &op.Def{
	Name: "Reshape", Since: 25,
	Doc:     "The same elements in another shape.",
	In:      []op.Param{op.In("data", "T", op.Differentiable), op.In("shape", "int64", op.Zero)},
	Out:     []op.Param{op.Out("reshaped", "T")},
	Attrs:   []op.AttrDef{op.Int("allowzero", 0)},
	Infer:   inferReshape,
	Kernels: op.Each(bindCopy, allTypes...),
	View:    true,
	Grad:    func(g *op.Grad) { g.Set(0, g.Reshape(g.DOut(0), g.Shape(g.In(0)))) },
	Old: []op.Version{
		{Since: 24, Types: op.Types{"T": types24}},
		{Since: 23, Types: op.Types{"T": types23}},
		{Since: 21, Types: op.Types{"T": types21}},
		{Since: 19, Types: op.Types{"T": types19}},
		{Since: 14, Types: op.Types{"T": types13}},
		{Since: 13, Types: op.Types{"T": types13}, Attrs: noAttrs, Write: writeReshapeNoZero},
		{Since: 5, Types: op.Types{"T": op.AllClassic}, Attrs: noAttrs, Write: writeReshapeNoZero},
	},
}

// writeReshapeNoZero says a Reshape without allowzero, where no size is given as 0. A size that the graph
// computes is 0 for an empty tensor alone: opset 13 then copies one of the data's sizes.
func writeReshapeNoZero(n *op.Node) ([]*ir.Value, []ir.Attr, bool) {
	sizes := n.In(1).Elems
	for _, d := range sizes {
		if n.Bool("allowzero") && d.Is(0) {
			return nil, nil, false
		}
	}
	return n.Node.In, nil, sizes != nil || !n.Bool("allowzero")
}

func inferReshape(n *op.Node) error {
	x, want := n.In(0), n.In(1)
	if want.Ranked && len(want.Shape) != 1 {
		return op.Shapef("shape is %v, expected a vector", want)
	}
	if want.Elems == nil {
		if r, ok := rankFromVector(want); ok {
			n.SetShape(0, unknownShape(r))
		}
		return nil
	}
	out := make(ir.Shape, len(want.Elems))
	rest, known := -1, ir.Known(1)
	for i, d := range want.Elems {
		switch v, ok := d.Int(); {
		case ok && v == -1:
			if rest >= 0 {
				return op.Shapef("more than one -1 in shape %v", ir.Shape(want.Elems))
			}
			rest = i
			continue
		case ok && v < 0:
			return op.Shapef("size %d in shape %v", v, ir.Shape(want.Elems))
		case ok && v == 0 && !n.Bool("allowzero"):
			if !x.Ranked {
				d = ir.Unknown
			} else if i >= len(x.Shape) {
				return op.Shapef("0 at axis %d of shape %v copies from %v, which has no such axis", i, ir.Shape(want.Elems), x)
			} else {
				d = x.Shape[i]
			}
		}
		out[i] = d
		known = known.Mul(d)
	}
	if !x.Ranked {
		if rest >= 0 {
			out[rest] = ir.Unknown
		}
		n.SetShape(0, out)
		return nil
	}
	size := x.Shape.Size()
	if rest >= 0 {
		if out[rest] = size.Div(known); out[rest].IsUnknown() {
			if _, ok := size.Int(); ok {
				if _, ok := known.Int(); ok {
					return op.Shapef("cannot reshape %v to %v", x, ir.Shape(want.Elems))
				}
			}
		}
	} else if known.Differ(size) {
		return op.Shapef("cannot reshape %v (%v elements) to %v", x, size, ir.Shape(want.Elems))
	}
	n.SetShape(0, out)
	passElems(n)
	return nil
}
