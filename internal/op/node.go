package op

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Node is a node as its operator sees it while shapes are inferred, kernels bound and gradients
// emitted: attributes with defaults in place, and what is known of the inputs and outputs.
type Node struct {
	*ir.Node
	Def     *Def
	set     *Set
	attrs   []AttrDef // of the node's version
	in, out []ir.Fact
	scratch int
}

// NumIn returns the number of inputs, absent trailing ones not counted.
func (n *Node) NumIn() int { return len(n.Node.In) }

// NumOwn is NumIn without the inputs that are there for subgraphs.
func (n *Node) NumOwn() int { return len(n.Node.In) - n.Captured() }

// NumOut returns the number of outputs, absent trailing ones not counted.
func (n *Node) NumOut() int { return len(n.Node.Out) }

// HasIn reports whether input i is present.
func (n *Node) HasIn(i int) bool { return i < len(n.Node.In) && n.Node.In[i] != nil }

// HasOut reports whether output i is present.
func (n *Node) HasOut(i int) bool { return i < len(n.Node.Out) && n.Node.Out[i] != nil }

// In returns what is known of input i; the zero Fact where it is absent.
func (n *Node) In(i int) ir.Fact {
	if i >= len(n.in) {
		return ir.Fact{}
	}
	return n.in[i]
}

// Out returns what is known of output i.
func (n *Node) Out(i int) ir.Fact {
	if i >= len(n.out) {
		return ir.Fact{}
	}
	return n.out[i]
}

// SetOut records what is known of output i. It is ignored where the output is absent; an undefined
// DType leaves the type that follows from the type variables.
func (n *Node) SetOut(i int, f ir.Fact) {
	if i >= len(n.out) || n.Node.Out[i] == nil {
		return
	}
	if f.DType == tensor.Undefined {
		f.DType = n.out[i].DType
	}
	n.out[i] = f
}

// SetShape records the shape of output i.
func (n *Node) SetShape(i int, s ir.Shape) { n.SetOut(i, ir.Fact{Ranked: true, Shape: s}) }

// InShape returns the shape of input i of a node being bound, where all shapes are known.
func (n *Node) InShape(i int) tensor.Shape {
	s, _ := n.In(i).Static()
	return s
}

// OutShape returns the shape of output i of a node being bound.
func (n *Node) OutShape(i int) tensor.Shape {
	s, _ := n.Out(i).Static()
	return s
}

// Scratch asks for size bytes of memory in every Call, aligned to 64 bytes. To be called while binding.
func (n *Node) Scratch(size int) { n.scratch = max(n.scratch, size) }

// ScratchSize returns what Scratch asked for.
func (n *Node) ScratchSize() int { return n.scratch }

func (n *Node) attr(name string) any {
	if v := n.Node.Attr(name); v != nil {
		return v
	}
	for i := range n.attrs {
		if n.attrs[i].Name == name {
			return n.attrs[i].Default
		}
	}
	return nil
}

// HasAttr reports whether the node itself has the attribute.
func (n *Node) HasAttr(name string) bool { return n.Node.Attr(name) != nil }

// Int returns an int attribute or its default, 0 where there is neither.
func (n *Node) Int(name string) int { v, _ := n.attr(name).(int64); return ir.Clamp(v) }

// Bool returns an int attribute that is a flag.
func (n *Node) Bool(name string) bool { return n.Int(name) != 0 }

// Float returns a float attribute or its default.
func (n *Node) Float(name string) float32 { v, _ := n.attr(name).(float32); return v }

// Str returns a string attribute or its default.
func (n *Node) Str(name string) string { v, _ := n.attr(name).(string); return v }

// Ints returns an ints attribute, nil where it is absent.
func (n *Node) Ints(name string) []int {
	v, ok := n.attr(name).([]int64)
	if !ok {
		return nil
	}
	out := make([]int, len(v))
	for i, x := range v {
		out[i] = ir.Clamp(x)
	}
	return out
}

// Floats returns a floats attribute, nil where it is absent.
func (n *Node) Floats(name string) []float32 { v, _ := n.attr(name).([]float32); return v }

// Strs returns a strings attribute, nil where it is absent.
func (n *Node) Strs(name string) []string { v, _ := n.attr(name).([]string); return v }

// Tensor returns a tensor attribute, nil where it is absent.
func (n *Node) Tensor(name string) tensor.Any { v, _ := n.attr(name).(tensor.Any); return v }

// Graph returns a graph attribute, nil where it is absent.
func (n *Node) Graph(name string) *ir.Graph { v, _ := n.attr(name).(*ir.Graph); return v }

// ConstInts returns the elements of integer input i where they are known.
func (n *Node) ConstInts(i int) ([]int, bool) {
	f := n.In(i)
	if f.Elems != nil {
		out := make([]int, len(f.Elems))
		for k, d := range f.Elems {
			v, ok := d.Int()
			if !ok {
				return nil, false
			}
			out[k] = v
		}
		return out, true
	}
	return Ints(f.Const)
}

// Ints returns the elements of an int32 or int64 tensor; false for any other.
func Ints(t tensor.Any) ([]int, bool) {
	switch t := t.(type) {
	case *tensor.Tensor[int64]:
		return toInts(t.Data()), true
	case *tensor.Tensor[int32]:
		return toInts(t.Data()), true
	}
	return nil, false
}

func toInts[T int32 | int64](s []T) []int {
	out := make([]int, len(s))
	for i, v := range s {
		out[i] = ir.Clamp(int64(v))
	}
	return out
}

// NumberOf returns the only element of a float tensor as a number.
func NumberOf(t tensor.Any) (float64, bool) {
	switch t := t.(type) {
	case *tensor.Tensor[float32]:
		if t.Len() == 1 {
			return float64(t.Data()[0]), true
		}
	case *tensor.Tensor[float64]:
		if t.Len() == 1 {
			return t.Data()[0], true
		}
	case *tensor.Tensor[tensor.Half]:
		if t.Len() == 1 {
			return float64(t.Data()[0].Float32()), true
		}
	case *tensor.Tensor[tensor.BHalf]:
		if t.Len() == 1 {
			return float64(t.Data()[0].Float32()), true
		}
	}
	return 0, false
}
