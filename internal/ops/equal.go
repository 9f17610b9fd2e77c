package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opEqual is z = (x == y); NaN equals nothing. The gradient is zero.
var opEqual = &op.Def{
	Name: "Equal", Since: 19,
	Doc:   "z = (x == y) with broadcasting.",
	In:    []op.Param{op.In("A", "T", op.Zero), op.In("B", "T", op.Zero)},
	Out:   []op.Param{op.Out("C", "T1")},
	Types: boolT1,
	Infer: inferEqual,
	Kernels: op.Merge(op.Wide(), op.Kernels{
		tensor.Float32: binaryTo(kernel.Equal[float32]), tensor.Float64: binaryTo(kernel.Equal[float64]),
		tensor.Int8: binaryTo(kernel.Equal[int8]), tensor.Int16: binaryTo(kernel.Equal[int16]),
		tensor.Int32: binaryTo(kernel.Equal[int32]), tensor.Int64: binaryTo(kernel.Equal[int64]),
		tensor.Uint8: binaryTo(kernel.Equal[uint8]), tensor.Uint16: binaryTo(kernel.Equal[uint16]),
		tensor.Uint32: binaryTo(kernel.Equal[uint32]), tensor.Uint64: binaryTo(kernel.Equal[uint64]),
		tensor.Bool: binaryTo(kernel.Equal[bool]), tensor.String: binaryTo(kernel.Equal[string]),
	}),
	Old: []op.Version{
		{Since: 13, Types: op.Types{"T": op.List(numbers13, boolOnly)}},
		{Since: 11, Types: op.Types{"T": op.List(numbers7, boolOnly)}},
		{Since: 7, Types: op.Types{"T": []tensor.DType{tensor.Bool, tensor.Int32, tensor.Int64}}},
	},
}

// inferEqual is op.InferBroadcast that also decides comparisons of shapes, where it can: whether a
// size is -1 is what exporters ask before they expand.
func inferEqual(n *op.Node) error {
	if err := op.InferBroadcast(n); err != nil {
		return err
	}
	shape, ok := n.Out(0).Static()
	if !ok || len(shape) > 1 {
		return nil
	}
	var same []bool
	known := true
	pairElems(n, func(x, y ir.Dim) {
		eq, ok := equalDims(x, y)
		same, known = append(same, eq), known && ok
	})
	if t, err := tensor.New(same, shape...); err == nil && known && len(same) > 0 {
		n.SetOut(0, ir.ConstFact(t))
	}
	return nil
}

// equalDims reports whether two sizes are equal, where that is known. A symbol stands for no
// negative number.
func equalDims(x, y ir.Dim) (equal, known bool) {
	a, aok := x.Int()
	b, bok := y.Int()
	_, asym := x.Symbol()
	_, bsym := y.Symbol()
	switch {
	case aok && bok:
		return a == b, true
	case x.Same(y):
		return true, true
	case x.Differ(y), aok && a < 0 && bsym, bok && b < 0 && asym:
		return false, true
	}
	return false, false
}
