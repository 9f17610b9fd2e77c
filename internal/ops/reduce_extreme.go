package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// reduceExtremeOld returns the versions of ReduceMax and ReduceMin before 20.
func reduceExtremeOld(name string) []op.Version {
	bytes := []tensor.DType{tensor.Int8, tensor.Uint8}
	t12, t13 := op.List(reduceTypes, bytes), op.List(reduceTypes13, bytes)
	old := reduceOld(name, map[int][]tensor.DType{1: reduceTypes, 11: reduceTypes, 12: t12, 13: t13})
	return append(old, op.Version{Since: 18, Types: op.Types{"T": t13}})
}

// gradReduceExtreme gives the gradient to the elements that are the result, in equal shares.
func gradReduceExtreme(g *op.Grad) {
	x := g.In(0)
	best := g.Where(g.Op("Equal", x, unreduce(g, g.Out(0))), g.Scalar(x, 1), g.Scalar(x, 0))
	count := g.Emit(1, "ReduceSum", []*ir.Value{best, g.In(1)}, op.Attr("keepdims", 1), op.Attr("noop_with_empty_axes", g.Node.Int("noop_with_empty_axes")))[0]
	g.Set(0, g.Mul(best, g.Div(unreduce(g, g.DOut(0)), count)))
}
