package ops

import (
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opConstantOfShape is a tensor of the listed shape filled with the one element of value, float 0
// where that is absent.
var opConstantOfShape = &op.Def{
	Name: "ConstantOfShape", Since: 25,
	Doc:     "A tensor of the listed shape filled with one value.",
	In:      []op.Param{op.In("input", "T1", op.Zero)},
	Out:     []op.Param{op.Out("output", "T2")},
	Attrs:   []op.AttrDef{op.May("value", op.TensorKind)},
	Types:   op.Types{"T1": {tensor.Int64}},
	On:      "T2",
	Infer:   inferConstantOfShape,
	Kernels: moved(plainTypes(allTypes), bindFill[uint8], bindFill[uint16], bindFill[uint32], bindFill[uint64], nil, nil),
	Old: []op.Version{
		{Since: 24, Types: op.Types{"T2": plainTypes(types24)}},
		{Since: 23, Types: op.Types{"T2": plainTypes(types23)}},
		{Since: 21, Types: op.Types{"T2": plainTypes(types21)}},
		{Since: 20, Types: op.Types{"T2": plainTypes(types19)}},
		{Since: 9, Types: op.Types{"T2": plainTypes(op.AllClassic)}},
	},
}

// without returns the types that are not in gone.
func without(types []tensor.DType, gone ...tensor.DType) []tensor.DType {
	var out []tensor.DType
	for _, t := range types {
		if !slices.Contains(gone, t) {
			out = append(out, t)
		}
	}
	return out
}

// plainTypes returns the types without strings and complex numbers.
func plainTypes(types []tensor.DType) []tensor.DType {
	return without(types, tensor.String, tensor.Complex64, tensor.Complex128)
}

// fillValue returns the element to fill with.
func fillValue(n *op.Node) tensor.Any {
	if v := n.Tensor("value"); v != nil {
		return v
	}
	return tensor.Scalar(float32(0))
}

func inferConstantOfShape(n *op.Node) error {
	v, want := fillValue(n), n.In(0)
	if v.Len() != 1 {
		return op.Shapef("value is %v, expected one element", v)
	}
	if want.Ranked && len(want.Shape) != 1 {
		return op.Shapef("the shape is %v, expected a vector", want)
	}
	f := ir.Fact{DType: v.DType()}
	if r, ok := rankFromVector(want); ok {
		f.Ranked, f.Shape = true, unknownShape(r)
		if want.Elems != nil {
			f.Shape = append(ir.Shape{}, want.Elems...)
		}
	}
	for _, d := range f.Shape {
		if k, ok := d.Int(); ok && k < 0 {
			return op.Shapef("size %d in shape %v", k, f.Shape)
		}
	}
	n.SetOut(0, f)
	return nil
}

func bindFill[T any](n *op.Node) (op.Kernel, error) {
	v := words[T](fillValue(n))[0]
	k := kernel.NewUnary(func(d, _ []T) {
		for i := range d {
			d[i] = v
		}
	})
	return func(c *op.Call) error {
		d := words[T](c.Out[0])
		k.Run(c.Pool, d, d)
		return nil
	}, nil
}
