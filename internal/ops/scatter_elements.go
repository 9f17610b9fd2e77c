package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opScatterElements is data with single elements updated: with axis 0,
// y[indices[i,j,...],j,...] = updates[i,j,...], or the sum, product, maximum or minimum of what is
// there and the update. Updates of one element come in their order, whatever the number of threads.
var opScatterElements = &op.Def{
	Name: "ScatterElements", Since: 18,
	Doc: "The data with the elements that indices names along axis updated.",
	In: []op.Param{
		op.In("data", "T", op.Differentiable), op.In("indices", "Tind", op.Zero), op.In("updates", "T", op.Differentiable),
	},
	Out:   []op.Param{op.Out("output", "T")},
	Attrs: []op.AttrDef{op.Int("axis", 0), op.Str("reduction", "none")},
	Types: op.Types{"Tind": op.Index},
	Infer: inferScatterElements,
	Kernels: scatterKernels(movedScatterElements, map[tensor.DType]op.Bind{
		tensor.Float32: reduceElements(updateNumbers[float32]), tensor.Float64: reduceElements(updateNumbers[float64]),
		tensor.Int8: reduceElements(updateNumbers[int8]), tensor.Int16: reduceElements(updateNumbers[int16]),
		tensor.Int32: reduceElements(updateNumbers[int32]), tensor.Int64: reduceElements(updateNumbers[int64]),
		tensor.Uint8: reduceElements(updateNumbers[uint8]), tensor.Uint16: reduceElements(updateNumbers[uint16]),
		tensor.Uint32: reduceElements(updateNumbers[uint32]), tensor.Uint64: reduceElements(updateNumbers[uint64]),
		tensor.Complex64: reduceElements(updateComplex[complex64]), tensor.Complex128: reduceElements(updateComplex[complex128]),
		tensor.Bool: reduceElements(updateBools), tensor.Float16: reduceElements(updateFloat16), tensor.BFloat16: reduceElements(updateBFloat16),
	}),
	InPlace: []int{0},
	Grad: func(g *op.Grad) {
		axis := op.Attr("axis", g.Node.Int("axis"))
		gradScatter(g, func(x, u *ir.Value, reduction string) *ir.Value {
			return g.Emit(1, "ScatterElements", []*ir.Value{x, g.In(1), u}, axis, op.Attr("reduction", reduction))[0]
		}, func(x *ir.Value) *ir.Value {
			return g.Emit(1, "GatherElements", []*ir.Value{x, g.In(1)}, axis)[0]
		})
	},
	Old: []op.Version{
		{Since: 16, Expand: expandReduction16("ScatterElements")},
		{Since: 13, Attrs: []op.AttrDef{op.Int("axis", 0)}},
		{Since: 11, Types: op.Types{"T": op.AllClassic}, Attrs: []op.AttrDef{op.Int("axis", 0)}},
	},
}

var movedScatterElements = moved(types13,
	moveElements[uint8], moveElements[uint16], moveElements[uint32], moveElements[uint64], moveElements[wide16], moveElements[string])

func inferScatterElements(n *op.Node) error {
	if err := checkElementIndices(n); err != nil {
		return err
	}
	if err := checkReduction(n); err != nil {
		return err
	}
	if err := sameShape(n, 1, 2); err != nil {
		return err
	}
	return op.InferSame(n)
}

// sameShape holds that two inputs have the same shape.
func sameShape(n *op.Node, i, j int) error {
	a, b := n.In(i), n.In(j)
	if !a.Ranked || !b.Ranked {
		return nil
	}
	differ := len(a.Shape) != len(b.Shape)
	for k := 0; !differ && k < len(a.Shape); k++ {
		differ = a.Shape[k].Differ(b.Shape[k])
	}
	if differ {
		return op.Shapef("%s is %v, %s is %v: the shapes differ", n.Def.In[i].Name, a, n.Def.In[j].Name, b)
	}
	return nil
}

func moveElements[T any](n *op.Node) (op.Kernel, error) {
	return bindScatterElements(n, kernel.Put[T]())
}

func reduceElements[T tensor.Elem](update func(reduction string) kernel.Update[T]) op.Bind {
	return func(n *op.Node) (op.Kernel, error) { return bindScatterElements(n, update(n.Str("reduction"))) }
}

func bindScatterElements[T any](n *op.Node, update kernel.Update[T]) (op.Kernel, error) {
	way, read, err := bindElements(n)
	if err != nil {
		return nil, err
	}
	if way == nil {
		return copyElems, nil
	}
	k := kernel.NewScatterElements(way, update)
	return func(c *op.Call) error {
		index, err := read(c)
		if err != nil {
			return err
		}
		d := words[T](c.Out[0])
		copy(d, words[T](c.In[0]))
		k.Run(c.Pool, d, words[T](c.In[2]), index)
		return nil
	}, nil
}

// opScatter is ScatterElements under the name that it had until opset 11.
var opScatter = &op.Def{
	Name: "Scatter", Since: 11,
	Doc: "ScatterElements under its old name.",
	In: []op.Param{
		op.In("data", "T", op.Differentiable), op.In("indices", "Tind", op.Zero), op.In("updates", "T", op.Differentiable),
	},
	Out:    []op.Param{op.Out("output", "T")},
	Attrs:  []op.AttrDef{op.Int("axis", 0)},
	Types:  op.Types{"T": op.AllClassic, "Tind": op.Index},
	Expand: expandScatter,
	Old:    []op.Version{{Since: 9, Expand: expandScatter}},
}

func expandScatter(b *op.Builder, n *op.Node) []*ir.Value {
	return b.Emit(1, "ScatterElements", n.Node.In, op.Attr("axis", n.Int("axis")))
}
