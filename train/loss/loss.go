// Package loss holds the losses that networks are trained with, with Keras's names, arguments,
// defaults and numbers.
//
// A loss is a graph: it emits ONNX nodes that compare targets with predictions, and its gradient is
// derived from them. Your own loss is a type with the two methods of [Loss].
package loss

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Value is a value of the graph.
type Value = ir.Value

// Builder emits ONNX nodes.
type Builder = op.Builder

// Loss compares predictions with targets.
type Loss interface {
	// Name is Keras's: binary_crossentropy, mean_squared_error, ...
	Name() string
	// PerSample emits the loss of each sample: the shape of yPred without its last axis. The mean
	// over the batch, weighted, is the training's to take.
	PerSample(b *Builder, yTrue, yPred *Value) *Value
}

// epsilon is Keras's fuzz factor, which keeps logarithms finite.
const epsilon = 1e-7

const int64Type = tensor.Int64

// aligned returns yTrue in the type of yPred, once their shapes are known to agree. That (n) and (n,1)
// do not is on purpose: they would broadcast to (n,n).
func aligned(b *Builder, yTrue, yPred *Value) *Value {
	t, p := yTrue.Fact, yPred.Fact
	if t.Ranked && p.Ranked {
		same := len(t.Shape) == len(p.Shape)
		for i := 1; same && i < len(t.Shape); i++ {
			x, ok := t.Shape[i].Int()
			y, ok2 := p.Shape[i].Int()
			same = !ok || !ok2 || x == y
		}
		if !same {
			b.Fail(op.Shapef("targets are %v, predictions %v: both must have the same shape%s", t, p, hint(t, p)))
		}
	}
	return b.Cast(yTrue, yPred.Fact.DType)
}

// hint says how to bring targets to the predictions' shape, where that is simple.
func hint(t, p ir.Fact) string {
	switch {
	case len(t.Shape) == 1 && len(p.Shape) == 2 && p.Shape[1].Is(1):
		return "; reshape the targets from (n) to (n,1)"
	case len(t.Shape) == 2 && t.Shape[1].Is(1) && len(p.Shape) == 1:
		return "; reshape the targets from (n,1) to (n)"
	case len(p.Shape) == 2 && (len(t.Shape) == 1 || len(t.Shape) == 2 && t.Shape[1].Is(1)):
		return fmt.Sprintf("; class numbers go with sparse_categorical_crossentropy, or one-hot encode them to (n,%v)", p.Shape[1])
	}
	return ""
}

// meanLast is the mean over the last axis.
func meanLast(b *Builder, x *Value) *Value {
	if x.Fact.Rank() == 0 {
		return x
	}
	return b.Reduce("ReduceMean", x, false, -1)
}

// clip limits x to [lo, hi].
func clip(b *Builder, x *Value, lo, hi float64) *Value {
	return b.Op("Clip", x, b.Scalar(x, lo), b.Scalar(x, hi))
}
