package rewrite

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// foldFactor bounds what folding may make: a constant of at most this many times the bytes of the
// constants that it is made from, or of op.FoldElems elements, which inference has computed already.
const foldFactor = 4

// Fold computes the nodes whose inputs never change, and makes their outputs constants. States do
// change, so nothing is folded across a parameter.
func Fold(g *ir.Graph, set *op.Set) error {
	var kept []*ir.Node
	for _, n := range g.Nodes {
		folded, err := fold(n, set)
		if err != nil {
			return err
		}
		if !folded {
			kept = append(kept, n)
		}
	}
	g.Nodes = kept
	return nil
}

func fold(n *ir.Node, set *op.Set) (bool, error) {
	if known(n) {
		for _, v := range n.Out {
			if v != nil {
				freeze(v, v.Fact.Const)
			}
		}
		return true, nil
	}
	if set.Lookup(n.Domain, n.Op).Random {
		return false, nil
	}
	in := make([]tensor.Any, len(n.In))
	size := op.FoldElems
	for i, v := range n.In {
		if v == nil {
			continue
		}
		if v.Fact.Const == nil {
			return false, nil
		}
		in[i] = v.Fact.Const
		size += in[i].Len()
	}
	for _, v := range n.Out {
		if v == nil {
			continue
		}
		shape, ok := v.Fact.Static()
		if !ok {
			return false, nil
		}
		if k, ok := shape.Size(); !ok || k > size*foldFactor {
			return false, nil
		}
	}
	out, err := set.Eval(n, in)
	if err != nil {
		return false, err
	}
	for i, v := range n.Out {
		if v != nil {
			freeze(v, out[i])
		}
	}
	return true, nil
}

func known(n *ir.Node) bool {
	for _, v := range n.Out {
		if v != nil && v.Fact.Const == nil {
			return false
		}
	}
	return true
}

func freeze(v *ir.Value, t tensor.Any) {
	v.Kind, v.Data, v.Node = ir.Const, t, nil
	v.Fact = ir.ConstFact(t)
}
