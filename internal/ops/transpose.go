package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opTranspose permutes the axes: axis i of the output is axis perm[i] of the input; without perm the
// axes are reversed. The gradient is transposed back.
var opTranspose = &op.Def{
	Name: "Transpose", Since: 25,
	Doc:     "The axes in another order.",
	In:      []op.Param{op.In("data", "T", op.Differentiable)},
	Out:     []op.Param{op.Out("transposed", "T")},
	Attrs:   []op.AttrDef{op.May("perm", op.IntsKind)},
	Infer:   inferTranspose,
	Kernels: moved(allTypes, bindTranspose[uint8], bindTranspose[uint16], bindTranspose[uint32], bindTranspose[uint64], bindTranspose[wide16], bindTranspose[string]),
	Grad:    gradTranspose,
	Old: []op.Version{
		{Since: 24, Types: op.Types{"T": types24}},
		{Since: 23, Types: op.Types{"T": types23}},
		{Since: 21, Types: op.Types{"T": types21}},
		{Since: 13, Types: op.Types{"T": types13}},
		{Since: 1, Types: op.Types{"T": op.AllClassic}},
	},
}

// permutation returns the order of axes of a tensor of the given rank.
func permutation(n *op.Node, rank int) ([]int, error) {
	perm := n.Ints("perm")
	if !n.HasAttr("perm") {
		perm = make([]int, rank)
		for i := range perm {
			perm[i] = rank - 1 - i
		}
		return perm, nil
	}
	if len(perm) != rank {
		return nil, op.Shapef("perm %v has %d axes, the input %d", perm, len(perm), rank)
	}
	return op.ResolveAxes(perm, rank)
}

func inferTranspose(n *op.Node) error {
	x := n.In(0)
	if !x.Ranked {
		if n.HasAttr("perm") {
			n.SetShape(0, unknownShape(len(n.Ints("perm"))))
		}
		return nil
	}
	perm, err := permutation(n, len(x.Shape))
	if err != nil {
		return err
	}
	out := make(ir.Shape, len(perm))
	for i, a := range perm {
		out[i] = x.Shape[a]
	}
	n.SetShape(0, out)
	return nil
}

func bindTranspose[T any](n *op.Node) (op.Kernel, error) {
	s := n.InShape(0)
	perm, err := permutation(n, len(s))
	if err != nil {
		return nil, err
	}
	st := s.Strides()
	strides := make([]int, len(perm))
	for i, a := range perm {
		strides[i] = st[a]
	}
	return bindStrided[T](n, 0, strides)
}

func gradTranspose(g *op.Grad) {
	if !g.Node.HasAttr("perm") {
		g.Set(0, g.Op("Transpose", g.DOut(0)))
		return
	}
	perm := g.Node.Ints("perm")
	perm, err := op.ResolveAxes(perm, len(perm))
	if err != nil {
		g.Fail(err)
		return
	}
	back := make([]int, len(perm))
	for i, a := range perm {
		back[a] = i
	}
	g.Set(0, g.Transpose(g.DOut(0), back...))
}
