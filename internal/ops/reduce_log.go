package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// reduceLogOld returns the versions of ReduceLogSum and ReduceLogSumExp before 28, which took
// integers: those are computed in float64 and cut off.
func reduceLogOld(name string) []op.Version {
	old := reduceOld(name, map[int][]tensor.DType{1: reduceTypes, 11: reduceTypes, 13: reduceTypes13})
	old = append(old, op.Version{Since: 18, Types: op.Types{"T": reduceTypes13}, Attrs: reduceAttrs})
	for i := range old {
		since := old[i].Since
		if since == 18 {
			old[i].Fits = func(n *op.Node) bool { return n.In(0).DType.IsFloat() }
		}
		old[i].Expand = func(b *op.Builder, n *op.Node) []*ir.Value {
			x := n.Node.In[0]
			var ax *ir.Value
			switch {
			case since == 18:
				if n.HasIn(1) {
					ax = n.Node.In[1]
				}
			case len(n.Ints("axes")) > 0:
				ax = b.Ints(n.Ints("axes")...)
			}
			t := x.Fact.DType
			if t.IsInt() {
				x = b.Cast(x, tensor.Float64)
			}
			y := b.Emit(1, name, []*ir.Value{x, ax}, op.Attr("keepdims", n.Int("keepdims")), op.Attr("noop_with_empty_axes", n.Int("noop_with_empty_axes")))[0]
			return []*ir.Value{b.Cast(y, t)}
		}
	}
	return old
}
