package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opExpand broadcasts x with the listed shape, both ways: a 1 in shape keeps the size of x.
// dx is dy summed over the axes that were broadcast.
var opExpand = &op.Def{
	Name: "Expand", Since: 13,
	Doc:     "x broadcast with a shape.",
	In:      []op.Param{op.In("input", "T", op.Differentiable), op.In("shape", "int64", op.Zero)},
	Out:     []op.Param{op.Out("output", "T")},
	Infer:   inferExpand,
	Kernels: moved(types13, bindExpand[uint8], bindExpand[uint16], bindExpand[uint32], bindExpand[uint64], bindExpand[wide16], bindExpand[string]),
	Grad:    func(g *op.Grad) { g.SetBroadcast(0, g.DOut(0)) },
	Old:     []op.Version{{Since: 8, Types: op.Types{"T": op.AllClassic}}},
}

func inferExpand(n *op.Node) error {
	x, want := n.In(0), n.In(1)
	if want.Ranked && len(want.Shape) != 1 {
		return op.Shapef("shape is %v, expected a vector", want)
	}
	if want.Elems == nil {
		if r, ok := rankFromVector(want); ok && x.Ranked {
			n.SetShape(0, unknownShape(max(r, len(x.Shape))))
		}
		return nil
	}
	for _, d := range want.Elems {
		if v, ok := d.Int(); ok && v < 0 {
			return op.Shapef("size %d in shape %v", v, ir.Shape(want.Elems))
		}
	}
	s, ranked, err := op.Broadcast(x, ir.Fact{Ranked: true, Shape: want.Elems})
	if err != nil {
		return err
	}
	if ranked {
		n.SetShape(0, s)
	}
	return nil
}

func bindExpand[T any](n *op.Node) (op.Kernel, error) {
	in, out := n.InShape(0), n.OutShape(0)
	strides := make([]int, len(out))
	lead := len(out) - len(in)
	for i, st := range in.Strides() {
		if in[i] != 1 {
			strides[lead+i] = st
		}
	}
	return bindStrided[T](n, 0, strides)
}
