package nn

import "github.com/onnxtool/onnxtool/internal/ir"

// OnlyTraining returns x, and what f emits in its place while training: of x, and of further values of the
// network where these are given. This is how noise is made: the exported network does not have it.
func (b *Builder) OnlyTraining(x *Value, f func(b *Builder, x *Value, of ...*Value) *Value, of ...*Value) *Value {
	y := b.Op("Identity", x)
	if b.Err() == nil {
		b.forms[y.Node] = Form{Of: of, Emit: f}
	}
	return y
}

// Form emits what stands for a node while training.
type Form struct {
	// Emit is for a node of one input and output.
	Of   []*Value // what it needs besides the node's input
	Emit func(b *Builder, x *Value, of ...*Value) *Value
	// Whole, where not nil, emits all outputs of the node, of all inputs.
	Whole func(b *Builder, n *ir.Node, in []*Value) []*Value
	// Steps, where greater than 1, is how many steps of a series lie beside one another along the batch of a
	// BatchNormalization node: each has statistics of its own, and moves the running ones in its turn.
	Steps int
}

// Forms are the nodes that act otherwise in training.
type Forms map[*ir.Node]Form
