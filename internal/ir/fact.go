package ir

import (
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Shape lists dimensions that may be symbolic.
type Shape []Dim

// KnownShape returns the shape with the given sizes.
func KnownShape(s tensor.Shape) Shape {
	out := make(Shape, len(s))
	for i, n := range s {
		out[i] = Known(n)
	}
	return out
}

// Known returns the sizes where all are known.
func (s Shape) Known() (tensor.Shape, bool) {
	out := make(tensor.Shape, len(s))
	for i, d := range s {
		n, ok := d.Int()
		if !ok {
			return nil, false
		}
		out[i] = n
	}
	return out, true
}

// Size returns the number of elements.
func (s Shape) Size() Dim {
	n := Known(1)
	for _, d := range s {
		n = n.Mul(d)
	}
	return n
}

// String returns the shape as in [batch,3].
func (s Shape) String() string {
	var b strings.Builder
	b.WriteByte('[')
	for i, d := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(d.String())
	}
	b.WriteByte(']')
	return b.String()
}

// Fact is what is known of a value before it is computed.
type Fact struct {
	DType  tensor.DType // Undefined where the type is not known
	Ranked bool         // whether Shape says anything; an unranked value may have any shape
	Shape  Shape
	Const  tensor.Any // the value itself, where it is known
	Elems  []Dim      // the elements of a small integer tensor, where they are known symbolically
}

// Typed returns the fact of a value with a known type and shape.
func Typed(d tensor.DType, shape ...Dim) Fact {
	return Fact{DType: d, Ranked: true, Shape: shape}
}

// ConstFact returns the fact of a value that is known.
func ConstFact(t tensor.Any) Fact {
	return Fact{DType: t.DType(), Ranked: true, Shape: KnownShape(t.Shape()), Const: t, Elems: constElems(t)}
}

// maxElems bounds the integer tensors whose elements inference follows: shapes, axes, pads.
const maxElems = 64

func constElems(t tensor.Any) []Dim {
	if t.Len() > maxElems || t.Shape().Rank() > 1 {
		return nil
	}
	out := make([]Dim, 0, t.Len())
	switch t := t.(type) {
	case *tensor.Tensor[int64]:
		for _, v := range t.Data() {
			out = append(out, Known(Clamp(v)))
		}
	case *tensor.Tensor[int32]:
		for _, v := range t.Data() {
			out = append(out, Known(int(v)))
		}
	default:
		return nil
	}
	return out
}

// Rank returns the number of dimensions, -1 where it is not known.
func (f Fact) Rank() int {
	if !f.Ranked {
		return -1
	}
	return len(f.Shape)
}

// Static returns the shape where every size is known.
func (f Fact) Static() (tensor.Shape, bool) {
	if !f.Ranked {
		return nil, false
	}
	return f.Shape.Known()
}

// Like returns a fact of the same type and shape that says nothing of the value.
func (f Fact) Like() Fact { return Fact{DType: f.DType, Ranked: f.Ranked, Shape: f.Shape} }

// WithShape returns a fact of the same type and another shape.
func (f Fact) WithShape(s Shape) Fact { return Fact{DType: f.DType, Ranked: true, Shape: s} }

// String returns the fact as in f32[batch,3].
func (f Fact) String() string {
	if !f.Ranked {
		return f.DType.String() + "[...]"
	}
	return f.DType.String() + f.Shape.String()
}
