package train

import (
	"iter"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
)

// graphs yields a graph and the subgraphs in it.
func graphs(g *ir.Graph) iter.Seq[*ir.Graph] {
	return func(yield func(*ir.Graph) bool) { eachGraph(g, yield) }
}

func eachGraph(g *ir.Graph, yield func(*ir.Graph) bool) bool {
	if !yield(g) {
		return false
	}
	for _, n := range g.Nodes {
		for _, sub := range n.Subgraphs() {
			if !eachGraph(sub, yield) {
				return false
			}
		}
	}
	return true
}

// inside collects the constants that a subgraph reads, and reports whether a weight leads to its outputs.
func (f *finder) inside(n *ir.Node, sub *ir.Graph) bool {
	next := handed(n, sub)
	for i, v := range sub.Inputs {
		from := n.In[len(n.In)-len(sub.Inputs)+i]
		if from == nil {
			continue
		}
		f.learned[v] = f.learned[v] || f.learned[from]
		if next[i] < 0 || keeps(sub, i, next[i]) {
			f.outer[v] = from
			f.constant[v], f.joined[v] = from.Kind == ir.Const || f.constant[from], f.joined[from]
		}
	}
	for again := true; again; { // what a weight leads to is handed on
		f.graph(sub)
		again = false
		for i, k := range next {
			if k >= 0 && f.learned[sub.Outputs[k]] && !f.learned[sub.Inputs[i]] {
				f.learned[sub.Inputs[i]], again = true, true
			}
		}
	}
	return slices.ContainsFunc(sub.Outputs, func(v *ir.Value) bool { return f.learned[v] })
}

// handed returns, for each input of a subgraph, the output that becomes it when the subgraph runs again, -1
// where none does.
func handed(n *ir.Node, sub *ir.Graph) []int {
	next := make([]int, len(sub.Inputs))
	own := len(sub.Own())
	for i := range next {
		next[i] = -1
		switch {
		case n.Op == "Loop" && i >= 2 && i < own:
			next[i] = i - 1
		case n.Op == "Scan":
			if ins, _ := n.Attr("num_scan_inputs").(int64); i < own-int(ins) {
				next[i] = i
			}
		}
	}
	return next
}

// keeps reports whether a subgraph hands an input on as it is.
func keeps(sub *ir.Graph, input, output int) bool {
	v := sub.Outputs[output]
	for v.Kind == ir.Computed && v.Node.Domain == "" && v.Node.Op == "Identity" {
		v = v.Node.In[0]
	}
	return v == sub.Inputs[input]
}

// given returns what stands around the subgraphs for an input of one of them, or the value itself.
func (f *finder) given(v *ir.Value) *ir.Value {
	for v != nil && f.outer[v] != nil {
		v = f.outer[v]
	}
	return v
}
