package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opScatterND is data with slices updated that tuples of indices name:
// y[indices[i...,0], indices[i...,1], ...] = updates[i...], or the sum, product, maximum or minimum of
// what is there and the update. Updates of one slice come in their order.
var opScatterND = &op.Def{
	Name: "ScatterND", Since: 18,
	Doc: "The data with the slices that the tuples in the last axis of indices name updated.",
	In: []op.Param{
		op.In("data", "T", op.Differentiable), op.In("indices", "int64", op.Zero), op.In("updates", "T", op.Differentiable),
	},
	Out:   []op.Param{op.Out("output", "T")},
	Attrs: []op.AttrDef{op.Str("reduction", "none")},
	Infer: inferScatterND,
	Kernels: scatterKernels(movedScatterND, map[tensor.DType]op.Bind{
		tensor.Float32: reduceSlices(updateNumbers[float32]), tensor.Float64: reduceSlices(updateNumbers[float64]),
		tensor.Int8: reduceSlices(updateNumbers[int8]), tensor.Int16: reduceSlices(updateNumbers[int16]),
		tensor.Int32: reduceSlices(updateNumbers[int32]), tensor.Int64: reduceSlices(updateNumbers[int64]),
		tensor.Uint8: reduceSlices(updateNumbers[uint8]), tensor.Uint16: reduceSlices(updateNumbers[uint16]),
		tensor.Uint32: reduceSlices(updateNumbers[uint32]), tensor.Uint64: reduceSlices(updateNumbers[uint64]),
		tensor.Complex64: reduceSlices(updateComplex[complex64]), tensor.Complex128: reduceSlices(updateComplex[complex128]),
		tensor.Bool: reduceSlices(updateBools), tensor.Float16: reduceSlices(updateFloat16), tensor.BFloat16: reduceSlices(updateBFloat16),
	}),
	InPlace: []int{0},
	Grad:    gradScatterND,
	Old: []op.Version{
		{Since: 16, Expand: expandReduction16("ScatterND")},
		{Since: 13, Attrs: noAttrs},
		{Since: 11, Types: op.Types{"T": op.AllClassic}, Attrs: noAttrs},
	},
}

var movedScatterND = moved(types13,
	moveSlices[uint8], moveSlices[uint16], moveSlices[uint32], moveSlices[uint64], moveSlices[wide16], moveSlices[string])

func inferScatterND(n *op.Node) error {
	if err := checkReduction(n); err != nil {
		return err
	}
	k, err := ndTuple(n, 0)
	if err != nil {
		return err
	}
	if u := n.In(2); k >= 0 && u.Ranked {
		ind, x := n.In(1).Shape, n.In(0).Shape
		want := append(append(ir.Shape{}, ind[:len(ind)-1]...), x[k:]...)
		differ := len(u.Shape) != len(want)
		for i := 0; !differ && i < len(want); i++ {
			differ = u.Shape[i].Differ(want[i])
		}
		if differ {
			return op.Shapef("updates are %v, expected the shape %v", u, want)
		}
	}
	return op.InferSame(n)
}

func moveSlices[T any](n *op.Node) (op.Kernel, error) { return bindScatterND(n, kernel.Put[T]()) }

func reduceSlices[T tensor.Elem](update func(reduction string) kernel.Update[T]) op.Bind {
	return func(n *op.Node) (op.Kernel, error) { return bindScatterND(n, update(n.Str("reduction"))) }
}

func bindScatterND[T any](n *op.Node, update kernel.Update[T]) (op.Kernel, error) {
	k, err := ndTuple(n, 0)
	if err != nil {
		return nil, err
	}
	in, ind := n.InShape(0), n.InShape(1)
	tuples, dims := ind[:len(ind)-1].Len(), in[:k]
	if tuples == 0 {
		return copyElems, nil
	}
	s := kernel.NewScatterSlices(tuples, in[k:].Len(), update)
	needInts(n, tuples)
	return func(c *op.Call) error {
		index := scratchInts(c, tuples)
		if err := readTuples(index, op.Arg[int64](c, 1), dims, tuples); err != nil {
			return err
		}
		d := words[T](c.Out[0])
		copy(d, words[T](c.In[0]))
		s.Run(c.Pool, d, words[T](c.In[2]), index)
		return nil
	}, nil
}

// gradScatterND goes by way of ScatterElements on the data seen as [slices, elements]: onnxruntime's
// ScatterND loses updates of repeated indices when it runs on many threads.
func gradScatterND(g *op.Grad) {
	x := g.In(0)
	k, err := ndTuple(g.Node, 0)
	if err != nil || k < 0 {
		g.Fail(op.Unsupportedf("the gradient of a ScatterND whose tuples have no known length"))
		return
	}
	uAxes := g.In(1).Fact.Rank() - 1
	flatX := func(v *ir.Value) *ir.Value { return slicesOf(g.Builder, v, k) }
	flatU := func(v *ir.Value) *ir.Value { return slicesOf(g.Builder, v, uAxes) }
	index := g.Expand(g.Unsqueeze(flatTuples(g.Builder, x, g.In(1), 0, k), 1), g.Shape(flatU(g.In(2))))
	gradScatter(g, func(x2, u *ir.Value, reduction string) *ir.Value {
		in := []*ir.Value{flatX(x2), index, flatU(u)}
		y := g.Emit(1, "ScatterElements", in, op.Attr("axis", 0), op.Attr("reduction", reduction))[0]
		return g.Reshape(y, g.Shape(x))
	}, func(v *ir.Value) *ir.Value {
		y := g.Emit(1, "GatherElements", []*ir.Value{flatX(v), index}, op.Attr("axis", 0))[0]
		return g.Reshape(y, g.Shape(g.In(2)))
	})
}
