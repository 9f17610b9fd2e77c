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
		if err := foldInside(n, set); err != nil {
			return err
		}
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
	if set.Draws(n) || len(n.Subgraphs()) > 0 {
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

// foldInside folds in the subgraphs of a node. What they read from around them and never changes
// becomes a constant of theirs.
func foldInside(n *ir.Node, set *op.Set) error {
	subs := n.Subgraphs()
	if len(subs) == 0 {
		return nil
	}
	own := len(n.In) - n.Captured()
	var kept []*ir.Value
	for i, v := range n.In[own:] {
		if v.Kind != ir.Const {
			kept = append(kept, v)
		}
		for _, g := range subs {
			in := g.Inputs[len(g.Inputs)-g.Captured+i]
			if v.Kind == ir.Const {
				freeze(in, v.Data)
			}
		}
	}
	n.In = append(n.In[:own:own], kept...)
	for _, g := range subs {
		inputs := g.Own()
		for _, in := range g.Inputs[len(inputs):] {
			if in.Kind == ir.Input {
				inputs = append(inputs[:len(inputs):len(inputs)], in)
			}
		}
		g.Inputs, g.Captured = inputs, len(kept)
		if err := Fold(g, set); err != nil {
			return err
		}
	}
	return nil
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
