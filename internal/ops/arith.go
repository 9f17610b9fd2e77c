package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// The types of Add, Sub, Mul and Div before opset 14.
var (
	arith13 = op.Types{"T": {tensor.Float32, tensor.Int32, tensor.Int64, tensor.Float16, tensor.Float64, tensor.Uint32, tensor.Uint64, tensor.BFloat16}}
	arith7  = op.Types{"T": {tensor.Float32, tensor.Int32, tensor.Int64, tensor.Float16, tensor.Float64, tensor.Uint32, tensor.Uint64}}
)

// Types that element-by-element operators have in common: real numbers before and after bfloat16.
var (
	numbers7  = op.List(op.FloatsIEEE, op.SignedInts, op.UnsignedInts)
	numbers13 = op.List(op.Floats, op.SignedInts, op.UnsignedInts)
	boolOnly  = []tensor.DType{tensor.Bool}
	boolT1    = op.Types{"T1": boolOnly}
)

// inferArith is op.InferBroadcast that also follows the elements of shapes, such as in batch*2.
func inferArith(f func(x, y ir.Dim) ir.Dim) func(n *op.Node) error {
	return func(n *op.Node) error {
		if err := op.InferBroadcast(n); err != nil {
			return err
		}
		out := n.Out(0)
		pairElems(n, func(x, y ir.Dim) { out.Elems = append(out.Elems, f(x, y)) })
		n.SetOut(0, out)
		return nil
	}
}

// pairElems calls f with the elements of two inputs as they broadcast; not at all where the elements
// are not followed.
func pairElems(n *op.Node, f func(x, y ir.Dim)) {
	x, y := n.In(0).Elems, n.In(1).Elems
	if len(x) == 0 || len(y) == 0 || len(x) != len(y) && len(x) != 1 && len(y) != 1 {
		return
	}
	for i := range max(len(x), len(y)) {
		f(x[min(i, len(x)-1)], y[min(i, len(y)-1)])
	}
}
