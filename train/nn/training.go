package nn

import "github.com/onnxtool/onnxtool/internal/ir"

// OnlyTraining returns x, and what f emits in its place while training: of x, and of further values of the
// network where these are given. This is how noise is made: the exported network does not have it.
func (b *Builder) OnlyTraining(x *Value, f func(b *Builder, x *Value, of ...*Value) *Value, of ...*Value) *Value {
	y := b.Op("Identity", x)
	if b.Err() == nil {
		b.forms[y.Node] = Form{of, f}
	}
	return y
}

// Form emits what stands for a node's output while training.
type Form struct {
	Of   []*Value // what it needs besides the node's input
	Emit func(b *Builder, x *Value, of ...*Value) *Value
}

// Forms are the nodes that act otherwise in training.
type Forms map[*ir.Node]Form
