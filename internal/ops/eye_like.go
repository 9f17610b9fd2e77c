package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opEyeLike is a matrix of the input's shape with 1 on the k-th diagonal and 0 elsewhere.
var opEyeLike = &op.Def{
	Name: "EyeLike", Since: 22,
	Doc:     "A matrix with 1 on a diagonal.",
	In:      []op.Param{op.In("input", "T1", op.Zero)},
	Out:     []op.Param{op.Out("output", "T2")},
	Attrs:   []op.AttrDef{op.May("dtype", op.IntKind), op.Int("k", 0)},
	Types:   op.Types{"T1": plainTypes(types13)},
	On:      "T2",
	Infer:   inferEyeLike,
	Kernels: moved(plainTypes(types13), bindEye[uint8], bindEye[uint16], bindEye[uint32], bindEye[uint64], nil, nil),
	Old:     []op.Version{{Since: 9, Types: op.Types{"T1": plainTypes(op.AllClassic), "T2": plainTypes(op.AllClassic)}}},
}

func inferEyeLike(n *op.Node) error {
	x := n.In(0)
	if x.Ranked && len(x.Shape) != 2 {
		return op.Shapef("the input is %v, expected a matrix", x)
	}
	f, err := withDType(n, x.Like())
	n.SetOut(0, ir.Fact{DType: f.DType, Ranked: f.Ranked, Shape: f.Shape})
	return err
}

func bindEye[T any](n *op.Node) (op.Kernel, error) {
	s, k := n.OutShape(0), n.Int("k")
	unit, err := oneOf(n.Out(0).DType)
	if err != nil {
		return nil, err
	}
	one := words[T](unit)[0]
	return func(c *op.Call) error {
		d := words[T](c.Out[0])
		clear(d)
		if k < -s[0] || k > s[1] {
			return nil
		}
		for r := max(0, -k); r < s[0] && r+k < s[1]; r++ {
			d[r*s[1]+r+k] = one
		}
		return nil
	}, nil
}

// oneOf returns the number 1 in a type.
func oneOf(d tensor.DType) (tensor.Any, error) {
	t, err := tensor.Alloc(d, tensor.Shape{1})
	if err == nil {
		b := castBuffers.Get().(*castBuffer)
		defer castBuffers.Put(b)
		b.i[0] = 1
		castWriters(d, castOptions{})(t, 0, 1, b, asInt)
	}
	return t, err
}
