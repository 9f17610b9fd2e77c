package op

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// The operators that expansions, gradients and layers use most.

// Add returns x+y.
func (b *Builder) Add(x, y *ir.Value) *ir.Value { return b.Op("Add", x, y) }

// Sub returns x-y.
func (b *Builder) Sub(x, y *ir.Value) *ir.Value { return b.Op("Sub", x, y) }

// Mul returns x*y, element by element.
func (b *Builder) Mul(x, y *ir.Value) *ir.Value { return b.Op("Mul", x, y) }

// Div returns x/y.
func (b *Builder) Div(x, y *ir.Value) *ir.Value { return b.Op("Div", x, y) }

// Neg returns -x.
func (b *Builder) Neg(x *ir.Value) *ir.Value { return b.Op("Neg", x) }

// Scale returns x times a number.
func (b *Builder) Scale(x *ir.Value, v float64) *ir.Value { return b.Mul(x, b.Scalar(x, v)) }

// AddScalar returns x plus a number.
func (b *Builder) AddScalar(x *ir.Value, v float64) *ir.Value { return b.Add(x, b.Scalar(x, v)) }

// MatMul returns the matrix product.
func (b *Builder) MatMul(x, y *ir.Value) *ir.Value { return b.Op("MatMul", x, y) }

// Cast returns x as another type.
func (b *Builder) Cast(x *ir.Value, d tensor.DType) *ir.Value {
	if x.Fact.DType == d {
		return x
	}
	return b.OpA("Cast", x, Attr("to", d))
}

// Where returns x where cond holds, else y.
func (b *Builder) Where(cond, x, y *ir.Value) *ir.Value { return b.Op("Where", cond, x, y) }

// Shape returns the shape as an int64 vector.
func (b *Builder) Shape(x *ir.Value) *ir.Value { return b.Op("Shape", x) }

// Reshape gives x the shape in an int64 vector.
func (b *Builder) Reshape(x, shape *ir.Value) *ir.Value { return b.Op("Reshape", x, shape) }

// ReshapeTo gives x the listed shape; -1 is derived, 0 is copied from x.
func (b *Builder) ReshapeTo(x *ir.Value, shape ...int) *ir.Value {
	return b.Reshape(x, b.Ints(shape...))
}

// Expand broadcasts x to a shape in an int64 vector.
func (b *Builder) Expand(x, shape *ir.Value) *ir.Value { return b.Op("Expand", x, shape) }

// Transpose permutes the axes.
func (b *Builder) Transpose(x *ir.Value, perm ...int) *ir.Value {
	return b.OpA("Transpose", x, Attr("perm", perm))
}

// Unsqueeze puts axes of size 1 in.
func (b *Builder) Unsqueeze(x *ir.Value, axes ...int) *ir.Value {
	return b.Op("Unsqueeze", x, b.Ints(axes...))
}

// Squeeze takes axes of size 1 out.
func (b *Builder) Squeeze(x *ir.Value, axes ...int) *ir.Value {
	return b.Op("Squeeze", x, b.Ints(axes...))
}

// Concat joins the values along an axis.
func (b *Builder) Concat(axis int, xs ...*ir.Value) *ir.Value {
	return b.Emit(1, "Concat", xs, Attr("axis", axis))[0]
}

// Slice returns elements start to end (exclusive) along an axis.
func (b *Builder) Slice(x *ir.Value, axis, start, end int) *ir.Value {
	return b.Op("Slice", x, b.Ints(start), b.Ints(end), b.Ints(axis))
}

// Gather picks slices of x along an axis.
func (b *Builder) Gather(x, indices *ir.Value, axis int) *ir.Value {
	return b.Emit(1, "Gather", []*ir.Value{x, indices}, Attr("axis", axis))[0]
}

// Reduce applies ReduceSum, ReduceMean, ... over the listed axes; none listed are all axes.
func (b *Builder) Reduce(name string, x *ir.Value, keepDims bool, axes ...int) *ir.Value {
	var ax *ir.Value
	if len(axes) > 0 {
		ax = b.Ints(axes...)
	}
	return b.Emit(1, name, []*ir.Value{x, ax}, Attr("keepdims", keepDims))[0]
}

// Sum is ReduceSum over the listed axes; none listed are all axes.
func (b *Builder) Sum(x *ir.Value, keepDims bool, axes ...int) *ir.Value {
	return b.Reduce("ReduceSum", x, keepDims, axes...)
}

// SumTo sums a broadcast value back to the shape of like: over the leading axes that like lacks and
// over those where like has size 1. Where the sizes that decide are not known, the graph finds those
// axes when it runs. It fails where a rank is not known.
func (b *Builder) SumTo(x, like *ir.Value) *ir.Value {
	if b.err != nil {
		return x
	}
	xf, lf := x.Fact, like.Fact
	if !xf.Ranked || !lf.Ranked {
		b.Fail(Shapef("cannot sum %v to %v: the rank is not known", xf, lf))
		return x
	}
	lead := len(xf.Shape) - len(lf.Shape)
	var gone, ones []int
	decided := true
	for i, d := range xf.Shape {
		switch {
		case i < lead:
			gone = append(gone, i)
		case lf.Shape[i-lead].Is(1):
			if !d.Is(1) {
				ones = append(ones, i)
			}
		case !d.Same(lf.Shape[i-lead]):
			if _, known := lf.Shape[i-lead].Int(); !known {
				decided = false
			}
		}
	}
	if !decided {
		if len(gone) > 0 {
			x = b.Sum(x, false, gone...)
		}
		return b.sumWhereOne(x, like)
	}
	if len(ones) > 0 {
		x = b.Sum(x, true, ones...)
	}
	if len(gone) > 0 {
		x = b.Sum(x, false, gone...)
	}
	return x
}

// sumWhereOne sums over the axes along which like has size 1, as the graph finds them.
func (b *Builder) sumWhereOne(x, like *ir.Value) *ir.Value {
	shape := b.Shape(like)
	axes := b.Squeeze(b.Op("NonZero", b.Op("Equal", shape, b.Ints(1))), 0)
	y := b.Emit(1, "ReduceSum", []*ir.Value{x, axes}, Attr("keepdims", 1), Attr("noop_with_empty_axes", 1))[0]
	return b.Reshape(y, shape)
}
