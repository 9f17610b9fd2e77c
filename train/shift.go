package train

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// shifts returns the uses of values that shift the channels of what a BatchNormalization in training form
// normalises, and nothing else: of a bias in front of it. The batch's mean takes them out again, so their
// gradient is 0; computed, it is the rounding of a sum over the batch, which an optimizer that divides by the
// gradient's size, as Adam does, makes steps of.
func shifts(g *ir.Graph) []op.Use {
	readers := map[*ir.Value][]op.Use{}
	for _, n := range g.Nodes {
		for i, v := range n.In {
			if v != nil {
				readers[v] = append(readers[v], op.Use{Node: n, Input: i})
			}
		}
	}
	var out []op.Use
	for _, n := range g.Nodes {
		for i, v := range n.In {
			if axis := shifted(n, i, v); axis >= 0 && centred(g, readers, n.Out[0], axis) {
				out = append(out, op.Use{Node: n, Input: i})
			}
		}
	}
	return out
}

// shifted returns the axis of a node's output along which an input of it is a bias, -1 where it is none.
func shifted(n *ir.Node, input int, v *ir.Value) int {
	if n.Domain != "" || v == nil || !v.Fact.Ranked {
		return -1
	}
	switch n.Op {
	case "Conv", "ConvTranspose", "BatchNormalization":
		if input == 2 {
			return 1
		}
	case "Gemm":
		if input == 2 {
			return alone(v.Fact.Shape, 2)
		}
	case "Add":
		return alone(v.Fact.Shape, n.Out[0].Fact.Rank())
	}
	return -1
}

// alone returns the axis, among those that a shape is broadcast to, of its one dimension that is not 1; -1 where
// there are others.
func alone(shape ir.Shape, rank int) int {
	axis := -1
	for i, d := range shape {
		switch n, known := d.Int(); {
		case known && n == 1:
		case !known || axis >= 0:
			return -1
		default:
			axis = rank - len(shape) + i
		}
	}
	return axis
}

// centred reports whether all that reads a value subtracts its mean over the other axes.
func centred(g *ir.Graph, readers map[*ir.Value][]op.Use, v *ir.Value, axis int) bool {
	if slices.Contains(g.Outputs, v) || len(readers[v]) == 0 {
		return false
	}
	for _, u := range readers[v] {
		n := u.Node
		switch {
		case n.Domain != "":
			return false
		case n.Op == "BatchNormalization" && u.Input == 0 && axis == 1 && n.Attr("training_mode") == int64(1):
		case n.Op == "Transpose" && centred(g, readers, n.Out[0], moved(n, axis)):
		default:
			return false
		}
	}
	return true
}

// moved returns where a Transpose puts an axis.
func moved(n *ir.Node, axis int) int {
	perm, ok := n.Attr("perm").([]int64)
	if !ok {
		return n.In[0].Fact.Rank() - 1 - axis
	}
	return slices.Index(perm, int64(axis))
}
