// Package autodiff appends the backward pass to a graph: reverse-mode differentiation, by the rules
// that the operators carry, in standard operators.
package autodiff

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// Gradients appends nodes that compute the derivatives of a loss, which has one element, by the
// values wrt, and returns them in that order. A value that the loss does not depend on is an error
// that names it, and so is a node without a gradient rule between the two.
func Gradients(b *op.Builder, loss *ir.Value, wrt []*ir.Value) ([]*ir.Value, error) {
	if !loss.Fact.Ranked || !loss.Fact.Shape.Size().Is(1) {
		return nil, fmt.Errorf("autodiff: the loss is %v, expected one element", loss)
	}
	nodes := b.G.Nodes
	one := b.Scalar(loss, 1)
	if loss.Fact.Rank() > 0 {
		one = b.Expand(one, b.Shape(loss))
	}
	grads, err := b.Backward(nodes, []op.Seed{{Value: loss, Grad: one}}, wrt)
	if err != nil {
		return nil, err
	}
	for i, v := range wrt {
		if grads[i] == nil {
			return nil, fmt.Errorf("autodiff: the loss %s does not depend on %s", loss.Name, v.Name)
		}
	}
	return grads, nil
}
