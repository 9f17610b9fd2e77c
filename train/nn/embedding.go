package nn

import (
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Embedding maps indices 0 to InputDim-1 to rows of a table: integers of shape s become floats of
// shape [s..., OutputDim].
type Embedding struct {
	Name                  string
	InputDim, OutputDim   int
	EmbeddingsInitializer Initializer // RandomUniform{-0.05, 0.05} where nil
	EmbeddingsRegularizer Regularizer
	EmbeddingsConstraint  Constraint
	ActivityRegularizer   Regularizer
	// MaskZero says that index 0 is padding, which layers that heed masks skip.
	MaskZero bool
}

// LayerName implements [Named].
func (l *Embedding) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Embedding) Build(b *Builder, in ...*Value) []*Value {
	if l.InputDim <= 0 || l.OutputDim <= 0 {
		b.Fail(fmt.Errorf("Embedding{InputDim: %d, OutputDim: %d}: both must be positive", l.InputDim, l.OutputDim))
		return in[:1]
	}
	w := b.Param("embeddings", []int{l.InputDim, l.OutputDim}, orInit(l.EmbeddingsInitializer, RandomUniform{}))
	w.Regularizer, w.Constraint = l.EmbeddingsRegularizer, l.EmbeddingsConstraint
	x := in[0]
	if d := x.Fact.DType; d != tensor.Int64 && d != tensor.Int32 {
		x = b.Cast(x, tensor.Int64)
	}
	y := b.Gather(w.Value, x, 0)
	if l.MaskZero {
		b.SetMask(y, b.Op("Not", b.Op("Equal", x, b.Scalar(x, 0))))
	}
	return []*Value{b.activity(l.ActivityRegularizer, y)}
}
