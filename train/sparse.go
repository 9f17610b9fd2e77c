package train

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// occurrences returns what applies a function to each use of an embedding's rows and adds the results up, nil
// where the gradient is not made of such uses alone. Gather's gradient scatters the rows' gradients and adds
// them; here they go through the function first.
func occurrences(b *op.Builder, grad *ir.Value) func(f func(*ir.Value) *ir.Value) *ir.Value {
	scatters := scattersOf(grad)
	if scatters == nil {
		return nil
	}
	return func(f func(*ir.Value) *ir.Value) *ir.Value {
		var sum *ir.Value
		for _, n := range scatters {
			part := b.Emit(1, n.Op, []*ir.Value{n.In[0], n.In[1], f(n.In[2])}, n.Attrs...)[0]
			if sum != nil {
				part = b.Add(sum, part)
			}
			sum = part
		}
		return sum
	}
}

// scattersOf returns the nodes that scatter the terms of a sum, nil where a term is made otherwise.
func scattersOf(v *ir.Value) []*ir.Node {
	n := v.Node
	switch {
	case n == nil || n.Domain != "":
		return nil
	case n.Op == "ScatterElements" && n.Attr("reduction") == "add":
		return []*ir.Node{n}
	case n.Op != "Add":
		return nil
	}
	left, right := scattersOf(n.In[0]), scattersOf(n.In[1])
	if left == nil || right == nil {
		return nil
	}
	return append(left, right...)
}
