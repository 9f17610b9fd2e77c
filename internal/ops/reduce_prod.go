package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opReduceProd is the product over some axes; integers wrap around, the product of nothing is 1.
// dx_i = dy times the product of the other elements, zeros included.
var opReduceProd = &op.Def{
	Name: "ReduceProd", Since: 18,
	Doc: "Product over axes.",
	In:  reduceIn, Out: reduceOut, Attrs: reduceAttrs,
	Infer: inferReduce,
	Kernels: reduceKernels(kernel.Prod[float32](), kernel.Prod[float64](), kernel.Prod[int32](),
		kernel.Prod[int64](), kernel.Prod[uint32](), kernel.Prod[uint64]()),
	Grad: gradReduceProd,
	Old:  reduceOld("ReduceProd", map[int][]tensor.DType{1: reduceTypes, 11: reduceTypes, 13: reduceTypes13}),
}

// gradReduceProd divides the product by each element; where exactly one of them is zero, only that
// one has a gradient, the product of the others.
func gradReduceProd(g *op.Grad) {
	x := g.In(0)
	zero, one := g.Scalar(x, 0), g.Scalar(x, 1)
	isZero := g.Op("Equal", x, zero)
	full := g.Where(isZero, one, x)
	reduce := func(name string, v *ir.Value) *ir.Value {
		return g.Emit(1, name, []*ir.Value{v, g.In(1)}, op.Attr("keepdims", 1), op.Attr("noop_with_empty_axes", g.Node.Int("noop_with_empty_axes")))[0]
	}
	prod := reduce("ReduceProd", full)
	zeros := reduce("ReduceSum", g.Where(isZero, one, zero))
	others := g.Where(g.Op("Equal", zeros, zero), g.Div(prod, full), zero)
	alone := g.Where(g.Op("Equal", zeros, one), prod, zero)
	g.Set(0, g.Mul(unreduce(g, g.DOut(0)), g.Where(isZero, alone, others)))
}
