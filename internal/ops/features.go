package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// mlNumbers are the numeric types of ai.onnx.ml.
var mlNumbers = []tensor.DType{tensor.Float32, tensor.Int32, tensor.Int64, tensor.Float64}

// checkFeatures holds the length of a list that has one element for all or one for each feature: the
// last axis of a vector or of a matrix [batch, features].
func checkFeatures(n *op.Node, attr string, have int) error {
	x := n.In(0)
	if have == 1 {
		return nil
	}
	if !x.Ranked || len(x.Shape) == 0 || len(x.Shape) > 2 {
		return op.Unsupportedf("%s with %d elements for %v, expected [features] or [batch, features]", attr, have, x)
	}
	if f, ok := x.Shape[len(x.Shape)-1].Int(); ok && f != have {
		return op.Shapef("%s has %d elements, the input %v has %d features", attr, have, x, f)
	}
	return nil
}

// featureValues returns a list as a scalar or vector constant that broadcasts over the batch.
func featureValues[T tensor.Elem](b *op.Builder, v []T) *ir.Value {
	if len(v) == 1 {
		return b.Const(tensor.Scalar(v[0]))
	}
	return b.Const(tensor.Vector(v...))
}
