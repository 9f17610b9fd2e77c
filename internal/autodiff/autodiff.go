// Package autodiff appends the backward pass to a graph: reverse-mode differentiation, by the rules
// that the operators carry, in standard operators.
package autodiff

import (
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Gradients appends nodes that compute the derivatives of a loss, which has one element, by the
// values wrt, and returns them in that order. A value that the loss does not depend on is an error
// that names it, and so is a node without a gradient rule between the two. The loss is known not to change by way
// of the uses zero.
func Gradients(b *op.Builder, loss *ir.Value, wrt []*ir.Value, zero ...op.Use) ([]*ir.Value, error) {
	if !loss.Fact.Ranked || !loss.Fact.Shape.Size().Is(1) {
		return nil, fmt.Errorf("autodiff: the loss is %v, expected one element", loss)
	}
	nodes := b.G.Nodes
	one := b.Scalar(loss, 1)
	if loss.Fact.Rank() > 0 {
		one = b.Expand(one, b.Shape(loss))
	}
	grads, err := b.Backward(nodes, []op.Seed{{Value: loss, Grad: one}}, wrt, zero...)
	if err != nil {
		return nil, err
	}
	for i, v := range wrt {
		if grads[i] == nil && slices.ContainsFunc(zero, func(u op.Use) bool { return u.Node.In[u.Input] == v }) {
			grads[i] = none(b, v)
		}
		if grads[i] == nil {
			return nil, fmt.Errorf("autodiff: the loss %s does not depend on %s", loss.Name, v.Name)
		}
	}
	return grads, b.Err()
}

// none returns the gradient 0 by a value, nil where its shape is not known.
func none(b *op.Builder, v *ir.Value) *ir.Value {
	shape, ok := v.Fact.Static()
	if !ok {
		return nil
	}
	t, err := tensor.Alloc(v.Fact.DType, shape)
	if err != nil {
		b.Fail(err)
		return nil
	}
	return b.G.AddConst(v.Name+"/gradient", t)
}
