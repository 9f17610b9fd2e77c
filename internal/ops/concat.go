package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opConcat joins its inputs along an axis. The gradient is split at the same places.
var opConcat = &op.Def{
	Name: "Concat", Since: 13,
	Doc:     "The inputs one after the other along axis.",
	In:      []op.Param{op.Many("inputs", "T", 1, op.Differentiable)},
	Out:     []op.Param{op.Out("concat_result", "T")},
	Attrs:   []op.AttrDef{op.Need("axis", op.IntKind)},
	Infer:   inferConcat,
	Kernels: movedBytes(types13, bindConcat[uint8], bindConcat[string]),
	Grad:    gradConcat,
	Old: []op.Version{
		{Since: 11, Types: op.Types{"T": op.AllClassic}},
		{Since: 4, Types: op.Types{"T": op.AllClassic}},
	},
}

func inferConcat(n *op.Node) error {
	var out ir.Shape
	axis, elems := 0, []ir.Dim{}
	for i := range n.NumIn() {
		x := n.In(i)
		if !x.Ranked {
			return nil
		}
		if x.Elems == nil || len(x.Shape) != 1 {
			elems = nil
		} else if elems != nil {
			elems = append(elems, x.Elems...)
		}
		if i == 0 {
			a, err := tensor.Axis(n.Int("axis"), len(x.Shape))
			if err != nil {
				return op.Shapef("%v", err)
			}
			axis, out = a, append(ir.Shape{}, x.Shape...)
			continue
		}
		if len(x.Shape) != len(out) {
			return op.Shapef("input %d is %v, input 0 %v: the ranks differ", i, x, n.In(0))
		}
		for k, d := range x.Shape {
			switch _, known := d.Int(); {
			case k == axis:
				out[k] = out[k].Add(d)
			case d.Differ(out[k]):
				return op.Shapef("input %d is %v, input 0 %v: axis %d differs", i, x, n.In(0), k)
			case known:
				out[k] = d
			}
		}
	}
	n.SetShape(0, out)
	if len(elems) > 0 {
		setElems(n, 0, elems, false)
	}
	return nil
}

func bindConcat[T any](n *op.Node) (op.Kernel, error) {
	out := n.OutShape(0)
	axis, err := out.Axis(n.Int("axis"))
	if err != nil {
		return nil, op.Shapef("%v", err)
	}
	unit := elemBytes(n.In(0).DType)
	outer, gap := out[:axis].Len(), out[axis:].Len()*unit
	parts := make([]*kernel.Blocks[T], n.NumIn())
	at := 0
	for i := range parts {
		block := n.InShape(i)[axis:].Len() * unit
		parts[i] = kernel.NewBlocks[T](outer, block, at, gap, 0, block)
		at += block
	}
	return func(c *op.Call) error {
		d := words[T](c.Out[0])
		for i, p := range parts {
			p.Run(c.Pool, d, words[T](c.In[i]))
		}
		return nil
	}, nil
}

func gradConcat(g *op.Grad) {
	axis := g.Node.Int("axis")
	sizes, ok := make([]int, g.Node.NumIn()), true
	for i := range sizes {
		x := g.In(i).Fact
		known := false
		if a, err := tensor.Axis(axis, x.Rank()); err == nil {
			sizes[i], known = x.Shape[a].Int()
		}
		ok = ok && known
	}
	var split *ir.Value
	if ok {
		split = g.Ints(sizes...)
	} else {
		parts := make([]*ir.Value, len(sizes))
		for i := range parts {
			parts[i] = sizeOfAxis(g.Builder, g.In(i), axis)
		}
		split = g.Concat(0, parts...)
	}
	for i, d := range g.Emit(len(sizes), "Split", []*ir.Value{g.DOut(0), split}, op.Attr("axis", axis)) {
		g.Set(i, d)
	}
}

// sizeOfAxis returns the size of an axis as a vector of one element.
func sizeOfAxis(b *op.Builder, x *ir.Value, axis int) *ir.Value {
	if axis == -1 {
		return b.OpA("Shape", x, op.Attr("start", -1))
	}
	return b.OpA("Shape", x, op.Attr("start", axis), op.Attr("end", axis+1))
}
