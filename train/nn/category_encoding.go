package nn

import (
	"errors"
	"fmt"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// CategoryEncoding turns category numbers 0 to NumTokens-1 into vectors of NumTokens numbers. An index
// outside is left out.
type CategoryEncoding struct {
	Name       string
	NumTokens  int
	OutputMode string // multi_hot (default): 1 where a category occurs in the last axis; count: how often; one_hot: each by itself
}

// LayerName implements [Named].
func (l *CategoryEncoding) LayerName() string { return l.Name }

// Build implements [Layer]. A second input holds weights of the counted categories.
func (l *CategoryEncoding) Build(b *Builder, in ...*Value) []*Value {
	if l.NumTokens <= 0 {
		b.Fail(fmt.Errorf("CategoryEncoding{NumTokens: %d}: it must be positive", l.NumTokens))
		return in[:1]
	}
	mode := orText(l.OutputMode, "multi_hot")
	if mode == "int" {
		b.Fail(errors.New(`CategoryEncoding{OutputMode: "int"}: there are one_hot, multi_hot, count`))
		return in[:1]
	}
	if len(in) == 2 && mode != "count" {
		b.Fail(errors.New("CategoryEncoding takes weights with OutputMode count alone"))
		return in[:1]
	}
	var weights *Value
	if len(in) == 2 {
		weights = in[1]
	}
	return []*Value{b.encode("CategoryEncoding", in[0], l.NumTokens, mode, weights)}
}

// encode gives indices the form of an output mode: int leaves them as they are, the others make vectors of
// n numbers, see [CategoryEncoding]. An index outside [0,n) counts nowhere.
func (b *Builder) encode(layer string, x *Value, n int, mode string, weights *Value) *Value {
	rank := x.Fact.Rank()
	switch mode {
	case "int":
		return x
	case "one_hot":
	case "multi_hot", "count":
		if rank == 1 {
			b.Fail(fmt.Errorf("%s{OutputMode: %q} on %v: it joins the numbers of the last axis, which must not be the batch's", layer, mode, x.Fact))
			return x
		}
	default:
		b.Fail(fmt.Errorf("%s{OutputMode: %q}: there are one_hot, multi_hot, count", layer, mode))
		return x
	}
	values := b.Const(tensor.Vector[float32](0, 1))
	hot := b.Emit(1, "OneHot", []*Value{b.Op("Where", b.outside(x, n), b.Ints(n), b.Cast(x, tensor.Int64)), b.Const(tensor.Scalar(int64(n + 1))), values}, op.Attr("axis", -1))[0]
	hot = b.Slice(hot, -1, 0, n)
	switch mode {
	case "multi_hot":
		return b.Reduce("ReduceMax", hot, false, -2)
	case "count":
		if weights != nil {
			hot = b.Mul(hot, b.Unsqueeze(b.Cast(weights, tensor.Float32), -1))
		}
		return b.Sum(hot, false, -2)
	}
	if rank > 1 && x.Fact.Shape[rank-1].Is(1) {
		hot = b.Squeeze(hot, -2)
	}
	return hot
}

// outside returns where x is not in [0, n).
func (b *Builder) outside(x *Value, n int) *Value {
	x = b.Cast(x, tensor.Int64)
	return b.Op("Or", b.Op("Less", x, b.Scalar(x, 0)), b.Op("GreaterOrEqual", x, b.Scalar(x, float64(n))))
}

// OneHot turns indices 0 to Depth-1 into vectors of Depth numbers with a 1 in that place: integers of
// shape [batch, 1] or [batch] become floats of shape [batch, Depth]. An index outside is all zeros.
type OneHot struct {
	Name  string
	Depth int
}

// LayerName implements [Named].
func (l *OneHot) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *OneHot) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	if l.Depth <= 0 {
		b.Fail(fmt.Errorf("OneHot{Depth: %d}: the depth must be positive", l.Depth))
		return in[:1]
	}
	if r := x.Fact.Rank(); r == 2 && x.Fact.Shape[1].Is(1) {
		x = b.Squeeze(x, 1)
	}
	values := b.Const(tensor.Vector[float32](0, 1))
	return []*Value{b.Emit(1, "OneHot", []*Value{x, b.Const(tensor.Scalar(int64(l.Depth))), values}, op.Attr("axis", -1))[0]}
}
