package nn

import "github.com/onnxtool/onnxtool/internal/ir"

// OnlyTraining returns x, and what f emits in its place while training. This is how noise is made: the
// exported network does not have it.
func (b *Builder) OnlyTraining(x *Value, f func(b *Builder, x *Value) *Value) *Value {
	y := b.Op("Identity", x)
	if b.Err() == nil {
		b.forms[y.Node] = f
	}
	return y
}

// Form emits what stands for a node's output while training.
type Form func(b *Builder, x *Value) *Value

// Forms are the nodes that act otherwise in training.
type Forms map[*ir.Node]Form
