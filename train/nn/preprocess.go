package nn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Rescaling is x*Scale + Offset.
type Rescaling struct {
	Name   string
	Scale  float64
	Offset float64
}

// LayerName implements [Named].
func (l *Rescaling) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Rescaling) Build(b *Builder, in ...*Value) []*Value {
	x := in[0]
	if !x.Fact.DType.IsFloat() {
		x = b.Cast(x, tensor.Float32)
	}
	return []*Value{b.each(x, func(x *Value) *Value {
		y := b.Scale(x, l.Scale)
		if l.Offset != 0 {
			y = b.AddScalar(y, l.Offset)
		}
		return y
	})}
}

// Discretization replaces each number by the index of its bin: the number of boundaries that are not
// above it. The result is int64.
type Discretization struct {
	Name          string
	BinBoundaries []float64 // ascending; set by Adapt
	NumBins       int       // how many bins Adapt makes
}

// LayerName implements [Named].
func (l *Discretization) LayerName() string { return l.Name }

// Adapt sets boundaries that part the values that are not NaN in NumBins bins of about the same size.
func (l *Discretization) Adapt(x tensor.Any) error {
	cols, err := columns(x)
	if err != nil {
		return fmt.Errorf("nn: Discretization: %w", err)
	}
	all := slices.Concat(cols...)
	if l.NumBins < 2 || len(all) == 0 {
		return fmt.Errorf("nn: Discretization: %d bins of %d values: at least 2 bins and a value are needed", l.NumBins, len(all))
	}
	slices.Sort(all)
	l.BinBoundaries = nil
	for k := 1; k < l.NumBins; k++ {
		p := float64(k) / float64(l.NumBins) * float64(len(all)-1)
		i := int(p)
		v := all[i] + (all[min(i+1, len(all)-1)]-all[i])*(p-float64(i))
		if n := len(l.BinBoundaries); n == 0 || v > l.BinBoundaries[n-1] {
			l.BinBoundaries = append(l.BinBoundaries, v)
		}
	}
	return nil
}

// Build implements [Layer].
func (l *Discretization) Build(b *Builder, in ...*Value) []*Value {
	if len(l.BinBoundaries) == 0 || !slices.IsSorted(l.BinBoundaries) {
		b.Fail(errors.New("Discretization: boundaries must be given, or adapted to data, and ascend"))
		return in[:1]
	}
	x := in[0]
	if !x.Fact.DType.IsFloat() {
		x = b.Cast(x, tensor.Float32)
	}
	above := b.Op("GreaterOrEqual", b.Unsqueeze(x, -1), b.Cast(b.vector(l.BinBoundaries), x.Fact.DType))
	return []*Value{b.Sum(b.Cast(above, tensor.Int64), false, -1)}
}

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
	x := in[0]
	if l.NumTokens <= 0 {
		b.Fail(fmt.Errorf("CategoryEncoding{NumTokens: %d}: it must be positive", l.NumTokens))
		return in[:1]
	}
	if len(in) == 2 && l.OutputMode != "count" {
		b.Fail(errors.New("CategoryEncoding takes weights with OutputMode count alone"))
		return in[:1]
	}
	values := b.Const(tensor.Vector[float32](0, 1))
	hot := b.Emit(1, "OneHot", []*Value{b.Op("Where", b.outside(x, l.NumTokens), b.Ints(l.NumTokens), b.Cast(x, tensor.Int64)), b.Const(tensor.Scalar(int64(l.NumTokens + 1))), values}, op.Attr("axis", -1))[0]
	hot = b.Slice(hot, -1, 0, l.NumTokens)
	switch l.OutputMode {
	case "one_hot":
		if r := x.Fact.Rank(); r >= 1 && x.Fact.Shape[r-1].Is(1) {
			hot = b.Squeeze(hot, -2)
		}
		return []*Value{hot}
	case "", "multi_hot":
		return []*Value{b.Reduce("ReduceMax", hot, false, -2)}
	case "count":
		if len(in) == 2 {
			hot = b.Mul(hot, b.Unsqueeze(b.Cast(in[1], tensor.Float32), -1))
		}
		return []*Value{b.Sum(hot, false, -2)}
	}
	b.Fail(fmt.Errorf("CategoryEncoding{OutputMode: %q}: there are one_hot, multi_hot, count", l.OutputMode))
	return in[:1]
}

// outside returns where x is not in [0, n).
func (b *Builder) outside(x *Value, n int) *Value {
	x = b.Cast(x, tensor.Int64)
	return b.Op("Or", b.Op("Less", x, b.Scalar(x, 0)), b.Op("GreaterOrEqual", x, b.Scalar(x, float64(n))))
}
