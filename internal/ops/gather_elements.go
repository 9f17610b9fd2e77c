package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opGatherElements picks single elements: with axis 0, y[i,j,...] = x[indices[i,j,...],j,...]. A
// negative index counts from the end. The gradient adds dy to where its elements came from.
var opGatherElements = &op.Def{
	Name: "GatherElements", Since: 13,
	Doc:     "The elements of data along axis that indices names, one for each index.",
	In:      []op.Param{op.In("data", "T", op.Differentiable), op.In("indices", "Tind", op.Zero)},
	Out:     []op.Param{op.Out("output", "T")},
	Attrs:   []op.AttrDef{op.Int("axis", 0)},
	Types:   op.Types{"Tind": op.Index},
	Infer:   inferGatherElements,
	Kernels: moved(types13, bindGatherElements[uint8], bindGatherElements[uint16], bindGatherElements[uint32], bindGatherElements[uint64], bindGatherElements[wide16], bindGatherElements[string]),
	Grad: func(g *op.Grad) {
		g.Set(0, scatterAdd(g.Builder, zerosLike(g.Builder, g.In(0)), g.In(1), g.DOut(0), g.Node.Int("axis")))
	},
	Old: []op.Version{{Since: 11, Types: op.Types{"T": op.AllClassic}}},
}

// checkElementIndices holds the shape of single-element indices against that of the data.
func checkElementIndices(n *op.Node) error {
	x, ind := n.In(0), n.In(1)
	if !x.Ranked || !ind.Ranked {
		return nil
	}
	if len(x.Shape) != len(ind.Shape) {
		return op.Shapef("indices are %v for data %v: the ranks differ", ind, x)
	}
	axis, err := tensor.Axis(n.Int("axis"), len(x.Shape))
	if err != nil {
		return op.Shapef("%v", err)
	}
	for i, d := range ind.Shape {
		have, ok1 := x.Shape[i].Int()
		want, ok2 := d.Int()
		if i != axis && ok1 && ok2 && want > have {
			return op.Shapef("indices are %v for data %v: axis %d is larger", ind, x, i)
		}
	}
	return nil
}

func inferGatherElements(n *op.Node) error {
	if ind := n.In(1); ind.Ranked {
		n.SetOut(0, ir.Fact{Ranked: true, Shape: ind.Shape})
	}
	return checkElementIndices(n)
}

// bindElements returns the way of single-element indices, nil where there are none, and what reads
// them into the call's scratch memory.
func bindElements(n *op.Node) (*kernel.Elements, func(c *op.Call) ([]int, error), error) {
	data, ind := n.InShape(0), n.InShape(1)
	axis, err := data.Axis(n.Int("axis"))
	if err != nil {
		return nil, nil, op.Shapef("%v", err)
	}
	count, size := ind.Len(), data[axis]
	if count == 0 {
		return nil, nil, nil
	}
	needInts(n, count)
	return kernel.NewElements(data, ind, axis), func(c *op.Call) ([]int, error) {
		index := scratchInts(c, count)
		return index, readIndices(index, c.In[1], axis, size)
	}, nil
}

func bindGatherElements[T any](n *op.Node) (op.Kernel, error) {
	way, read, err := bindElements(n)
	if err != nil {
		return nil, err
	}
	if way == nil {
		return func(*op.Call) error { return nil }, nil
	}
	k := kernel.NewGatherElements[T](way)
	return func(c *op.Call) error {
		index, err := read(c)
		if err == nil {
			k.Run(c.Pool, words[T](c.Out[0]), words[T](c.In[0]), index)
		}
		return err
	}, nil
}
