package nn

import (
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Dropout sets a fraction Rate of its inputs to zero while training, and scales the others by
// 1/(1-Rate); otherwise it does nothing.
type Dropout struct {
	Name string
	Rate float64
}

// LayerName implements [Named].
func (l *Dropout) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Dropout) Build(b *Builder, in ...*Value) []*Value {
	if l.Rate < 0 || l.Rate >= 1 {
		b.Fail(fmt.Errorf("Dropout{Rate: %v}: the rate must be in [0,1)", l.Rate))
		return in[:1]
	}
	return []*Value{b.each(in[0], func(x *Value) *Value {
		return b.Op("Dropout", x, b.Const(tensor.Scalar(float32(l.Rate))))
	})}
}
