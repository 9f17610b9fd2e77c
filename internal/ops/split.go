package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opSplit cuts its input along an axis into parts of the sizes in split or, without it, into
// num_outputs parts of ceil(size/num_outputs), the last one smaller where that does not divide.
// The gradient joins those of the parts.
var opSplit = &op.Def{
	Name: "Split", Since: 18,
	Doc:     "The input in parts along axis.",
	In:      []op.Param{op.In("input", "T", op.Differentiable), op.Opt("split", "int64", op.Zero)},
	Out:     []op.Param{{Name: "outputs", Type: "T", Variadic: true, Min: 1}},
	Attrs:   []op.AttrDef{op.Int("axis", 0), op.May("num_outputs", op.IntKind)},
	Infer:   inferSplit,
	Kernels: movedBytes(types13, bindSplit[uint8], bindSplit[string]),
	Grad:    gradSplit,
	Old: []op.Version{
		{Since: 13, Attrs: []op.AttrDef{op.Int("axis", 0)}, Expand: expandSplit, Write: writeSplit13},
		{Since: 11, Types: op.Types{"T": op.AllClassic}, In: inT("input"), Attrs: []op.AttrDef{op.Int("axis", 0), op.May("split", op.IntsKind)}, Expand: expandSplit},
		{Since: 2, Types: op.Types{"T": op.AllClassic}, In: inT("input"), Attrs: []op.AttrDef{op.Int("axis", 0), op.May("split", op.IntsKind)}, Expand: expandSplit},
	},
}

// expandSplit says what Split before opset 18 does: the sizes were an attribute, and without them
// all parts must be equal.
func expandSplit(b *op.Builder, n *op.Node) []*ir.Value {
	attrs := []ir.Attr{op.Attr("axis", n.Int("axis"))}
	var split *ir.Value
	switch {
	case n.HasAttr("split"):
		split = b.Ints(n.Ints("split")...)
	case n.HasIn(1):
		split = n.Node.In[1]
	default:
		attrs = append(attrs, op.Attr("num_outputs", n.NumOut()))
		x := n.In(0)
		if a, err := tensor.Axis(n.Int("axis"), max(x.Rank(), 0)); err == nil {
			if size, ok := x.Shape[a].Int(); ok && size%n.NumOut() != 0 {
				b.Fail(op.Shapef("axis %d of %v cannot be split into %d equal parts", a, x, n.NumOut()))
			}
		}
	}
	return b.Emit(n.NumOut(), "Split", []*ir.Value{n.Node.In[0], split}, attrs...)
}

// writeSplit13 says a Split as opset 13 has it: without sizes, all parts are equal.
func writeSplit13(n *op.Node) ([]*ir.Value, []ir.Attr, bool) {
	attrs := []ir.Attr{op.Attr("axis", n.Int("axis"))}
	x := n.In(0)
	if n.HasIn(1) {
		return n.Node.In, attrs, true
	}
	axis, err := tensor.Axis(n.Int("axis"), x.Rank())
	if err != nil || x.Shape[axis].Div(ir.Known(n.NumOut())).IsUnknown() {
		return nil, nil, false
	}
	return n.Node.In[:1], attrs, true
}

// splitSizes returns the parts' sizes along the axis; known is false where they follow from values
// that are not known yet.
func splitSizes(n *op.Node, size ir.Dim) (sizes []ir.Dim, known bool, err error) {
	k := n.NumOut()
	if n.HasIn(1) && n.HasAttr("num_outputs") {
		return nil, false, op.Malformedf("both split and num_outputs are given")
	}
	if !n.HasIn(1) {
		if n.HasAttr("num_outputs") && n.Int("num_outputs") != k {
			return nil, false, op.Malformedf("num_outputs is %d, the node has %d outputs", n.Int("num_outputs"), k)
		}
		return evenSizes(size, k)
	}
	if r, ok := rankFromVector(n.In(1)); ok && r != k {
		return nil, false, op.Shapef("split is %v, the node has %d outputs", n.In(1), k)
	}
	sizes = n.In(1).Elems
	if sizes == nil {
		return nil, false, nil
	}
	sum := ir.Known(0)
	for _, d := range sizes {
		if v, ok := d.Int(); ok && v < 0 {
			return nil, false, op.Shapef("size %d in split", v)
		}
		sum = sum.Add(d)
	}
	if sum.Differ(size) {
		return nil, false, op.Shapef("split %v adds up to %v, the axis has size %v", ir.Shape(sizes), sum, size)
	}
	return sizes, true, nil
}

func evenSizes(size ir.Dim, k int) ([]ir.Dim, bool, error) {
	sizes := make([]ir.Dim, k)
	s, ok := size.Int()
	if !ok {
		each := size.Div(ir.Known(k))
		for i := range sizes {
			sizes[i] = each
		}
		return sizes, !each.IsUnknown(), nil
	}
	each := (s + k - 1) / k
	for i := range sizes {
		sizes[i] = ir.Known(min(each, s))
		s -= min(each, s)
	}
	return sizes, true, nil
}

func inferSplit(n *op.Node) error {
	x := n.In(0)
	if !x.Ranked {
		return nil
	}
	axis, err := tensor.Axis(n.Int("axis"), len(x.Shape))
	if err != nil {
		return op.Shapef("%v", err)
	}
	sizes, known, err := splitSizes(n, x.Shape[axis])
	if err != nil {
		return err
	}
	at := 0
	for i := range n.NumOut() {
		s := append(ir.Shape{}, x.Shape...)
		s[axis] = ir.Unknown
		if known {
			s[axis] = sizes[i]
		}
		n.SetShape(i, s)
		if size, ok := s[axis].Int(); ok && at >= 0 && len(s) == 1 && at+size <= len(x.Elems) {
			setElems(n, i, x.Elems[at:at+size], false)
			at += size
		} else {
			at = -1
		}
	}
	return nil
}

func bindSplit[T any](n *op.Node) (op.Kernel, error) {
	in := n.InShape(0)
	axis, err := in.Axis(n.Int("axis"))
	if err != nil {
		return nil, op.Shapef("%v", err)
	}
	unit := elemBytes(n.In(0).DType)
	outer, gap := in[:axis].Len(), in[axis:].Len()*unit
	parts := make([]*kernel.Blocks[T], n.NumOut())
	at := 0
	sizes, known, err := splitSizes(n, ir.Known(in[axis]))
	if err != nil || !known {
		return nil, err
	}
	for i := range parts {
		size, _ := sizes[i].Int()
		block := size * in[axis+1:].Len() * unit
		parts[i] = kernel.NewBlocks[T](outer, block, 0, block, at, gap)
		at += block
	}
	return func(c *op.Call) error {
		x := words[T](c.In[0])
		for i, p := range parts {
			if c.Out[i] != nil {
				p.Run(c.Pool, words[T](c.Out[i]), x)
			}
		}
		return nil
	}, nil
}

func gradSplit(g *op.Grad) {
	parts := make([]*ir.Value, g.Node.NumOut())
	for i := range parts {
		if parts[i] = g.DOut(i); parts[i] == nil {
			if g.Out(i) == nil {
				g.Fail(op.Unsupportedf("the gradient of a Split whose output %d is absent", i))
				return
			}
			parts[i] = zerosLike(g.Builder, g.Out(i))
		}
	}
	g.Set(0, g.Concat(g.Node.Int("axis"), parts...))
}
