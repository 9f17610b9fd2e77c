package rewrite

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Widen puts casts around the nodes whose type has no kernel of its own, float16 and bfloat16 mostly:
// they compute in float32 and round their result, as if each operator were computed exactly once.
func Widen(g *ir.Graph, set *op.Set) error {
	nodes := g.Nodes
	g.Nodes = make([]*ir.Node, 0, len(nodes))
	b := op.NewBuilder(g, set)
	for _, n := range nodes {
		for _, sub := range n.Subgraphs() {
			if err := Widen(sub, set); err != nil {
				return err
			}
		}
		r, err := set.Resolve(n, op.Facts(n.In))
		if err != nil {
			return err
		}
		if !r.Widened() {
			g.Nodes = append(g.Nodes, n)
			continue
		}
		widen(g, b, n, r)
		if b.Err() != nil {
			return op.Wrap("open", n, op.Facts(n.In), b.Err())
		}
	}
	return nil
}

func widen(g *ir.Graph, b *op.Builder, n *ir.Node, r *op.Node) {
	in := make([]*ir.Value, len(n.In))
	for i, v := range n.In {
		in[i] = v
		if v != nil && r.InType(i) {
			in[i] = b.Cast(v, tensor.Float32)
		}
	}
	n.In = in
	g.Nodes = append(g.Nodes, n)
	for i, v := range n.Out {
		if v == nil || !r.OutType(i) {
			continue
		}
		// The value keeps its identity behind the cast that rounds it.
		round := b.G.AddNode(&ir.Node{
			Name: n.Name + "_round", Op: "Cast", Version: b.Set.Lookup("", "Cast").Since,
			Attrs: []ir.Attr{op.Attr("to", v.Fact.DType)},
		}, n.Name+"_wide")
		wide := round.Out[0]
		wide.Fact = v.Fact.Like()
		wide.Fact.DType = tensor.Float32
		wide.Node, wide.Index = n, i
		n.Out[i] = wide
		round.In = []*ir.Value{wide}
		round.Out[0] = v
		v.Node, v.Index = round, 0
	}
}
