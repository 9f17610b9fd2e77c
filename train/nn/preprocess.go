package nn

import (
	"errors"
	"fmt"
	"slices"

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
// above it. The result is int64, or what OutputMode makes of it.
type Discretization struct {
	Name          string
	BinBoundaries []float64 // ascending; set by Adapt
	NumBins       int       // how many bins Adapt makes
	OutputMode    string    // int (default), or as of [CategoryEncoding]
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
	bin := b.Sum(b.Cast(above, tensor.Int64), false, -1)
	return []*Value{b.encode("Discretization", bin, len(l.BinBoundaries)+1, orText(l.OutputMode, "int"), nil)}
}
